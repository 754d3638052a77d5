/**
 * Token counts as Bedrock's Converse states them. By contract the cache is not part of `inputTokens`; models
 * of OpenAI break it and include the cache. The arithmetic decides; where it cannot, the model does.
 */

import { firstCount, get, getArray, getCount, getName, hasAny, isObject } from '../../json/members.ts';
import { disjoint, tokenTotals } from '../../usage/quantities.ts';
import type { Anomaly, JsonObject, UsageSegment } from '../../usage/usage.ts';

const READ = ['cacheReadInputTokens', 'cacheReadInputTokenCount'];
const WRITE = ['cacheWriteInputTokens', 'cacheWriteInputTokenCount'];

/** True for a usage object of this form; the AI SDK's has other cache fields. */
export function isConverseUsage(usage: JsonObject): boolean {
  return (
    (typeof get(usage, 'inputTokens') === 'number' || typeof get(usage, 'outputTokens') === 'number') &&
    !hasAny(usage, ['cachedInputTokens', 'reasoningTokens', 'inputTokenDetails', 'outputTokenDetails'])
  );
}

export interface ConverseReading {
  readonly segment: UsageSegment;
  readonly convention: string;
}

/** @param model the model that was asked for, where known */
export function readConverseUsage(
  usage: JsonObject,
  model: string | null,
  anomalies: Anomaly[],
): ConverseReading {
  const input = getCount(usage, 'inputTokens', anomalies);
  const output = getCount(usage, 'outputTokens', anomalies);
  // The two spellings are one count: the first that is there is read.
  const read = firstCount(usage, READ, anomalies);
  const write = firstCount(usage, WRITE, anomalies);
  const inclusive = isInclusive(
    usage,
    model,
    { input, output, cache: (read ?? 0) + (write ?? 0) },
    anomalies,
  );
  const writes = { name: 'cache_write', total: write, ...writeParts(usage, write, anomalies) } as const;
  const cut = disjoint(
    inclusive
      ? [
          {
            name: 'input',
            total: input === null ? null : Math.max(0, input - (write ?? 0)),
            rest: 'input_uncached',
            parts: { input_cache_read: read },
          },
          writes,
          { name: 'output', total: output, rest: 'output_text', parts: {} },
        ]
      : [
          { name: 'input', total: input, rest: 'input_uncached', parts: {} },
          { name: 'cache_read', total: read, rest: 'input_cache_read', parts: {} },
          writes,
          { name: 'output', total: output, rest: 'output_text', parts: {} },
        ],
  );
  anomalies.push(...cut.anomalies);
  return {
    segment: { model: null, quantities: cut.quantities, contextTokens: tokenTotals(cut.quantities).input },
    convention: inclusive ? 'cache is a subset of input' : 'cache stands beside input',
  };
}

function isInclusive(
  usage: JsonObject,
  model: string | null,
  counts: { readonly input: number | null; readonly output: number | null; readonly cache: number },
  anomalies: Anomaly[],
): boolean {
  const { cache } = counts;
  const input = counts.input ?? 0;
  const output = counts.output ?? 0;
  const total = getCount(usage, 'totalTokens', anomalies);
  if (cache === 0) {
    if (total !== null && total !== input + output) {
      anomalies.push({
        code: 'total_mismatch',
        message: `totalTokens is ${total}, inputTokens + outputTokens is ${input + output}`,
      });
    }
    return false;
  }
  if (total === input + output) return input >= cache;
  const additive = total === null || total === input + output + cache;
  if (input < cache) {
    if (!additive) {
      anomalies.push({
        code: 'total_mismatch',
        message: `totalTokens is ${total}; cache is counted beside input`,
      });
    }
    return false;
  }
  if (additive && !/(^|[./])openai\./.test(model ?? '')) return false;
  anomalies.push({
    code: 'cache_inside_input',
    message: `inputTokens ${input} holds the ${cache} cached tokens, against the contract of Converse; counted once`,
  });
  return true;
}

/** Lifetime of the written tokens; the default for tokens that `cacheDetails` does not list. */
function writeParts(usage: JsonObject, write: number | null, anomalies: Anomaly[]) {
  let fiveMinutes: number | null = null;
  let oneHour: number | null = null;
  for (const detail of getArray(usage, 'cacheDetails')) {
    if (!isObject(detail)) continue;
    const tokens = getCount(detail, 'inputTokens', anomalies) ?? 0;
    if (getName(detail, 'ttl') === '1h') oneHour = (oneHour ?? 0) + tokens;
    else if (getName(detail, 'ttl') === '5m') fiveMinutes = (fiveMinutes ?? 0) + tokens;
  }
  const known = (fiveMinutes ?? 0) + (oneHour ?? 0);
  const parts = { input_cache_write_5m: fiveMinutes, input_cache_write_1h: oneHour };
  // Nothing open: no zero for a default that does not exist.
  return write !== null && known === write && known > 0
    ? { rest: 'input_cache_write_5m' as const, parts: { input_cache_write_1h: oneHour } }
    : { rest: 'input_cache_write' as const, parts };
}
