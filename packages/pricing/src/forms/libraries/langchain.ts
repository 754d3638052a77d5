/** LangChain's `usage_metadata`: totals hold their details, for every provider. */

import { firstObject, get, getCount, getName, getObject, hasAny } from '../../json/members.ts';
import type { Meter } from '../../usage/meters.ts';
import { disjoint, tokenTotals } from '../../usage/quantities.ts';
import type { Anomaly, JsonObject } from '../../usage/usage.ts';
import type { ReadContext, Reading, Shape } from '../description/shape.ts';
import { readTier, withoutUsage } from '../fields/envelope.ts';

const INPUT = [
  'cache_read',
  'cache_creation',
  'audio',
  'ephemeral_5m_input_tokens',
  'ephemeral_1h_input_tokens',
];

export const langchain: Shape = {
  id: 'langchain',
  operation: 'chat',
  surfaces: ['langchain'],
  path: /$^/,
  recognises: (body) => {
    const usage = getObject(messageOf(body), 'usage_metadata');
    return usage !== null && hasAny(usage, ['input_tokens', 'output_tokens']);
  },
  recognisesUsage: (usage) =>
    hasAny(getObject(usage, 'input_token_details') ?? {}, INPUT) ||
    hasAny(getObject(usage, 'output_token_details') ?? {}, ['reasoning', 'audio']),
  read: readMessage,
  fold: null,
};

/** The message itself; serialised ones keep their fields in `kwargs`. */
function messageOf(body: JsonObject): JsonObject {
  return firstObject(body, ['kwargs', 'data']) ?? body;
}

function readMessage(body: JsonObject, context: ReadContext): Reading {
  const message = messageOf(body);
  const metadata = getObject(message, 'response_metadata');
  const anomalies: Anomaly[] = [];
  const empty = {
    ...withoutUsage(message, context.operation ?? 'chat', 'langchain: no usage'),
    model: getName(metadata, 'model_name') ?? getName(metadata, 'model'),
    tier: readTier(get(metadata, 'service_tier'), anomalies),
  };
  const usage = firstObject(message, ['usage_metadata', 'usage']);
  if (usage === null) return empty;
  const details = getObject(usage, 'input_token_details');
  const made = getObject(usage, 'output_token_details');
  const cut = disjoint([
    {
      name: 'input',
      total: getCount(usage, 'input_tokens', anomalies),
      rest: 'input_uncached',
      parts: {
        input_cache_read: getCount(details, 'cache_read', anomalies),
        input_audio: getCount(details, 'audio', anomalies),
        ...written(details, anomalies),
      },
    },
    {
      name: 'output',
      total: getCount(usage, 'output_tokens', anomalies),
      rest: 'output_text',
      parts: {
        output_reasoning: getCount(made, 'reasoning', anomalies),
        output_audio: getCount(made, 'audio', anomalies),
      },
    },
  ]);
  return {
    ...empty,
    segments: [{ model: null, quantities: cut.quantities, contextTokens: tokenTotals(cut.quantities).input }],
    source: 'reported',
    rawUsage: usage,
    convention: 'langchain: cached and reasoning are subsets of their totals',
    anomalies: [...anomalies, ...cut.anomalies],
  };
}

/** `cache_creation` is the whole, or 0 if its split by lifetime is given beside it. */
function written(details: JsonObject | null, anomalies: Anomaly[]): { [M in Meter]?: number } {
  const all = getCount(details, 'cache_creation', anomalies);
  const fiveMinutes = getCount(details, 'ephemeral_5m_input_tokens', anomalies);
  const oneHour = getCount(details, 'ephemeral_1h_input_tokens', anomalies);
  const split = (fiveMinutes ?? 0) + (oneHour ?? 0);
  if (split === 0) return all === null ? {} : { input_cache_write: all };
  const open = Math.max(0, (all ?? 0) - split);
  return {
    ...(open > 0 ? { input_cache_write: open } : {}),
    ...(fiveMinutes === null ? {} : { input_cache_write_5m: fiveMinutes }),
    ...(oneHour === null ? {} : { input_cache_write_1h: oneHour }),
  };
}
