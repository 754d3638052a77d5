/**
 * Anthropic Messages: directly, on Vertex, Bedrock (invoke) and Azure.
 *
 * Cache reads and writes are not part of `input_tokens`. Thinking is part of `output_tokens`. Where the usage
 * lists `iterations`, they are the bill: the top level leaves out compaction and advisor runs.
 * Stream: `message_start` holds first counts; each `message_delta` replaces them field by field.
 */

import {
  addMembers,
  get,
  getArray,
  getCount,
  getName,
  getObject,
  hasAny,
  isObject,
  merged,
} from '../../json/members.ts';
import { disjoint, tokenTotals } from '../../usage/quantities.ts';
import type { Anomaly, Json, JsonObject, UsageSegment } from '../../usage/usage.ts';
import type { EventFold, ReadContext, Reading, Shape } from '../description/shape.ts';
import { vertexRegion } from '../description/url.ts';
import { readReportedCost, readTier, withoutUsage } from '../fields/envelope.ts';

const EVENTS = new Set<Json | undefined>(['message_start', 'message_delta', 'message_stop', 'ping']);

export const anthropicMessages: Shape = {
  id: 'anthropic.messages',
  operation: 'chat',
  surfaces: ['messages', 'message'],
  path: /\/messages$|:(rawPredict|streamRawPredict)$/,
  recognises: (body) =>
    EVENTS.has(get(body, 'type')) ||
    (get(body, 'type') === 'message' && get(body, 'role') === 'assistant' && !Object.hasOwn(body, 'output')),
  recognisesUsage: (usage) =>
    hasAny(usage, ['input_tokens', 'output_tokens']) &&
    !hasAny(usage, ['total_tokens', 'input_tokens_details', 'billed_units']),
  read: readMessage,
  fold: foldMessage,
};

function readMessage(body: JsonObject, context: ReadContext): Reading {
  const operation = context.operation ?? 'chat';
  const usage = getObject(body, 'usage');
  if (usage === null) return withoutUsage(body, operation, 'anthropic.messages: no usage');
  const anomalies: Anomaly[] = [];
  const runs = getArray(usage, 'iterations').filter(isObject);
  const segments =
    runs.length > 0 ? readIterations(usage, runs, anomalies) : [readCounts(usage, null, anomalies)];
  return {
    operation,
    model: getName(body, 'model'),
    responseId: getName(body, 'id'),
    createdAt: null,
    tier: readTier(get(usage, 'service_tier') ?? get(body, 'service_tier'), anomalies),
    speed: readSpeed(get(usage, 'speed')),
    region: readGeo(get(usage, 'inference_geo')) ?? vertexRegion(context.url),
    segments: withSearches(segments, usage, anomalies),
    source: 'reported',
    rawUsage: usage,
    convention: `anthropic.messages: cache stands beside input, thinking is part of output${
      runs.length > 0 ? '; each iteration is billed at its own model' : ''
    }`,
    reportedCost: readReportedCost(usage, anomalies),
    anomalies,
  };
}

/** The counts of the top level or of one iteration. */
function readCounts(usage: JsonObject, model: string | null, anomalies: Anomaly[]): UsageSegment {
  const split = getObject(usage, 'cache_creation');
  const fiveMinutes = getCount(split, 'ephemeral_5m_input_tokens', anomalies);
  const oneHour = getCount(split, 'ephemeral_1h_input_tokens', anomalies);
  const stated = getCount(usage, 'cache_creation_input_tokens', anomalies);
  const splitSum = (fiveMinutes ?? 0) + (oneHour ?? 0);
  const written = stated === null && split === null ? null : Math.max(stated ?? 0, splitSum);
  if (stated !== null && splitSum > stated) {
    anomalies.push({
      code: 'cache_write_split_exceeds_total',
      message: `cache_creation splits ${splitSum} tokens, cache_creation_input_tokens is ${stated}; the split is kept`,
    });
  }
  const thinking = getCount(getObject(usage, 'output_tokens_details'), 'thinking_tokens', anomalies);
  const cut = disjoint([
    {
      name: 'input',
      total: getCount(usage, 'input_tokens', anomalies),
      rest: 'input_uncached',
      parts: {},
    },
    {
      name: 'cache_read',
      total: getCount(usage, 'cache_read_input_tokens', anomalies),
      rest: 'input_cache_read',
      parts: {},
    },
    // Anything the split leaves open was written at the default of five minutes.
    {
      name: 'cache_write',
      total: written,
      rest: 'input_cache_write_5m',
      parts: { input_cache_write_1h: oneHour },
    },
    {
      name: 'output',
      total: getCount(usage, 'output_tokens', anomalies),
      rest: 'output_text',
      parts: { output_reasoning: thinking },
    },
  ]);
  anomalies.push(...cut.anomalies);
  return { model, quantities: cut.quantities, contextTokens: tokenTotals(cut.quantities).input };
}

function readIterations(
  usage: JsonObject,
  runs: readonly JsonObject[],
  anomalies: Anomaly[],
): readonly UsageSegment[] {
  const segments = runs.map((run) => readCounts(run, getName(run, 'model'), anomalies));
  if (runs.some((run) => get(run, 'type') === 'fallback_message')) {
    anomalies.push({
      code: 'fallback_billing_unknown',
      message:
        'a fallback run answered: whether the declined run is billed is not documented; all runs are counted',
    });
  }
  const top = readCounts(usage, null, []);
  const listed = segments.filter((_, index) => (get(runs[index], 'type') ?? 'message') === 'message');
  const sum = listed.reduce((all, segment) => all + tokens(segment), 0);
  if (listed.length > 0 && sum !== tokens(top)) {
    anomalies.push({
      code: 'iterations_mismatch',
      message: `the message iterations sum to ${sum} tokens, the top level to ${tokens(top)}; iterations are followed`,
    });
  }
  return segments;
}

function tokens(segment: UsageSegment): number {
  const { input, output } = tokenTotals(segment.quantities);
  return input + output;
}

/** Web searches are billed per request; they belong to the run that answered, the last one. */
function withSearches(
  segments: readonly UsageSegment[],
  usage: JsonObject,
  anomalies: Anomaly[],
): readonly UsageSegment[] {
  const searches = getCount(getObject(usage, 'server_tool_use'), 'web_search_requests', anomalies);
  if (searches === null) return segments;
  return segments.map((segment, index) =>
    index === segments.length - 1
      ? { ...segment, quantities: { ...segment.quantities, web_searches: searches } }
      : segment,
  );
}

function readSpeed(value: Json | undefined): 'standard' | 'fast' | null {
  return value === 'fast' || value === 'standard' ? value : null;
}

function readGeo(value: Json | undefined): string | null {
  if (typeof value !== 'string' || value === '' || value === 'not_available' || value.length > 40)
    return null;
  return value.toLowerCase();
}

function foldMessage(): EventFold {
  let message: JsonObject = {};
  // No prototype: a field named `__proto__` is data.
  const usage: { [key: string]: Json | undefined } = Object.create(null);
  let counted = false;
  let final = false;
  let ended = false;
  const replace = (fields: JsonObject | null) => {
    const stated = Object.entries(fields ?? {}).filter(([, value]) => value !== null && value !== undefined);
    addMembers(usage, Object.fromEntries(stated));
    counted ||= fields !== null;
  };
  return {
    // Most events are pieces of content; their first characters show that without a scan.
    matters: (text) =>
      !text.startsWith('{"type":"content_block') &&
      (text.includes('"usage"') || text.includes('"message_st')),
    add(event) {
      const type = get(event, 'type');
      if (type === 'message_start') {
        const started = getObject(event, 'message');
        if (started === null) return;
        // A spliced or repeated start never takes back what a delta has already said.
        if (!final) replace(getObject(started, 'usage'));
        message = merged(message, started);
      } else if (type === 'message_delta') {
        const counts = getObject(event, 'usage');
        replace(counts);
        final ||= counts !== null;
        ended ||= typeof get(getObject(event, 'delta'), 'stop_reason') === 'string';
      } else if (type === 'message_stop') {
        ended = true;
      } else if (type === 'message') {
        message = event;
        replace(getObject(event, 'usage'));
        final = ended = true;
      }
    },
    finish: (aborted) => ({
      body: counted ? { ...message, usage: { ...usage } } : message,
      end: final && (ended || !aborted) ? 'final' : 'partial',
    }),
  };
}
