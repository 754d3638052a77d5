/**
 * OpenAI Responses and providers of the same form.
 *
 * Stream: only a terminal event (completed, incomplete, failed) carries usage and the tier that was served.
 */

import { get, getArray, getObject, hasAny } from '../../json/members.ts';
import type { Anomaly, Json, JsonObject } from '../../usage/usage.ts';
import type { EventFold, ReadContext, Reading, Shape } from '../description/shape.ts';
import { readEnvelope, readReportedCost, readTier, withoutUsage } from '../fields/envelope.ts';
import { EventList } from '../fields/event-list.ts';
import { addSearches, countServerTools, countToolItems } from '../fields/server-tools.ts';
import { RESPONSES_FIELDS, readTokens } from '../fields/tokens.ts';
import { imageToolSegment } from './image-tool.ts';
import { regionOfUrl } from './region.ts';

export const openaiResponses: Shape = {
  id: 'openai.responses',
  operation: 'responses',
  surfaces: ['responses', 'response'],
  path: /\/responses(\/[^/]+)?$/,
  recognises: (body) => /^response(\.|$)/.test(String(get(body, 'object') ?? '')) || isResponsesEvent(body),
  recognisesUsage: isResponsesUsage,
  read: readResponse,
  fold: foldResponse,
};

function isResponsesUsage(usage: JsonObject): boolean {
  return (
    hasAny(usage, ['input_tokens']) &&
    hasAny(usage, ['total_tokens', 'input_tokens_details', 'output_tokens_details']) &&
    !hasAny(usage, ['cache_creation_input_tokens', 'cache_read_input_tokens', 'cache_creation'])
  );
}

function isResponsesEvent(event: JsonObject): boolean {
  const type = get(event, 'type');
  return typeof type === 'string' && type.startsWith('response.') && !type.startsWith('response.audio');
}

function readResponse(body: JsonObject, context: ReadContext): Reading {
  const anomalies: Anomaly[] = [];
  const operation = context.operation ?? 'responses';
  const tier = readTier(get(body, 'service_tier'), anomalies);
  const region = regionOfUrl(context.url);
  const usage = getObject(body, 'usage');
  const items = countToolItems(getArray(body, 'output'));
  if (usage === null) {
    const empty = withoutUsage(body, operation, 'openai.responses: no usage');
    const used = Object.keys(items).length > 0;
    const segments = used ? [{ model: null, quantities: items, contextTokens: 0 }] : [];
    return { ...empty, tier, region, anomalies, segments, source: used ? 'partial' : 'none' };
  }
  const tokens = readTokens(usage, RESPONSES_FIELDS, context.provider);
  // Counts of the usage object win; items are counted only if it has none.
  const uses = { ...items, ...countServerTools(usage, anomalies) };
  // xAI's tool fees are counts in its usage; images of OpenAI's tool are tokens of another model.
  const images = context.provider === 'xai' ? null : imageToolSegment(body, anomalies);
  const primary = addSearches(tokens.segment, uses);
  return {
    ...readEnvelope(body),
    operation,
    tier,
    speed: null,
    region,
    segments: images === null ? [primary] : [primary, images],
    source: 'reported',
    rawUsage: usage,
    convention: `openai.responses: ${tokens.convention}`,
    reportedCost: readReportedCost(usage, anomalies),
    anomalies: [...anomalies, ...tokens.anomalies],
  };
}

const TERMINAL = new Set<Json | undefined>([
  'response.completed',
  'response.incomplete',
  'response.failed',
  'response.cancelled',
  'response.done',
]);

function foldResponse(): EventFold {
  let latest: JsonObject = {};
  let ended = false;
  const items = new EventList();
  return {
    matters: (text) =>
      text.includes('"response"') || (text.includes('output_item.done') && text.includes('_call"')),
    add(event) {
      const type = get(event, 'type');
      const response = getObject(event, 'response') ?? (get(event, 'object') === 'response' ? event : null);
      if (response !== null && (TERMINAL.has(type) || !ended)) {
        latest = response;
        ended ||= TERMINAL.has(type) || getObject(response, 'usage') !== null;
      } else if (type === 'response.output_item.done') {
        const item = getObject(event, 'item');
        if (item !== null) items.push(item);
      }
    },
    finish: () => {
      const body = getArray(latest, 'output').length > 0 ? latest : { ...latest, output: items.items };
      return { body, end: ended && !(body !== latest && items.full) ? 'final' : 'partial' };
    },
  };
}
