/**
 * Token counts in the headers of a model invoked on Bedrock. They replace counts that a body lacks (older
 * models), and complete those of a body that a guardrail has cut short.
 */

import { getCount } from '../../json/members.ts';
import { disjoint, type MutableQuantities, tokenTotals } from '../../usage/quantities.ts';
import type { Anomaly, JsonObject } from '../../usage/usage.ts';
import type { Reading } from '../description/shape.ts';
import { readTier } from '../fields/envelope.ts';

const PREFIX = 'x-amzn-bedrock-';

/** The reading with what only the headers say. Header names in any case. */
export function withBedrockHeaders(
  reading: Reading,
  headers: { readonly [name: string]: string } | undefined,
): Reading {
  const found = bedrockHeaders(headers);
  if (found === null) return reading;
  const anomalies: Anomaly[] = [];
  const count = (name: string) => getCount(found, `${PREFIX}${name}-token-count`, anomalies);
  const counted = disjoint([
    { name: 'input', total: count('input'), rest: 'input_uncached', parts: {} },
    { name: 'cache_read', total: count('cache-read-input'), rest: 'input_cache_read', parts: {} },
    { name: 'cache_write', total: count('cache-write-input'), rest: 'input_cache_write', parts: {} },
    { name: 'output', total: count('output'), rest: 'output_text', parts: {} },
  ]).quantities;
  const tier = reading.tier ?? readTier(found[`${PREFIX}service-tier`], anomalies);
  const told = tokenTotals(counted);
  const [first] = reading.segments;
  const read = tokenTotals(first?.quantities ?? {});
  const adds = { input: told.input > 0 && read.input === 0, output: told.output > 0 && read.output === 0 };
  if (reading.segments.length > 1 || (!adds.input && !adds.output)) return { ...reading, tier };
  const quantities: MutableQuantities = { ...first?.quantities };
  for (const [meter, quantity] of Object.entries(counted) as [keyof typeof counted, number][]) {
    if (meter.startsWith('input') ? adds.input : adds.output) quantities[meter] = quantity;
  }
  return {
    ...reading,
    tier,
    segments: [{ model: null, quantities, contextTokens: tokenTotals(quantities).input }],
    source: 'reported',
    rawUsage: { body: reading.rawUsage, headers: found },
    convention: `${reading.convention}; what the body leaves out is read from the response headers`,
    anomalies: [...reading.anomalies, ...anomalies],
  };
}

function bedrockHeaders(headers: { readonly [name: string]: string } | undefined): JsonObject | null {
  const found = Object.entries(headers ?? {})
    .map(([name, value]) => [name.toLowerCase(), value] as const)
    .filter(([name]) => name.startsWith(PREFIX));
  return found.length === 0 ? null : Object.fromEntries(found);
}

/** The metrics at the end of a streamed answer, named as the headers of one that is not streamed. */
export function metricsAsHeaders(metrics: JsonObject): { readonly [name: string]: string } {
  const headers: { [name: string]: string } = {};
  for (const [field, name] of METRICS) {
    const count = getCount(metrics, field, []);
    if (count !== null) headers[`${PREFIX}${name}-token-count`] = String(count);
  }
  return headers;
}

const METRICS = [
  ['inputTokenCount', 'input'],
  ['outputTokenCount', 'output'],
  ['cacheReadInputTokenCount', 'cache-read-input'],
  ['cacheWriteInputTokenCount', 'cache-write-input'],
] as const;
