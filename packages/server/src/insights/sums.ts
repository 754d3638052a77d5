/** The sums that every row of an answer carries, and how they add up. */
import { parseUsd } from '@farthing/pricing';

/** Money is picos, counts are whole numbers. `costPicos` is of priced requests only. */
export interface Sums {
  readonly costPicos: bigint;
  readonly inputCostPicos: bigint;
  readonly outputCostPicos: bigint;
  readonly otherCostPicos: bigint;
  readonly requests: number;
  readonly errors: number;
  readonly unpricedRequests: number;
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly cacheReadTokens: number;
  readonly cacheWriteTokens: number;
  readonly reasoningTokens: number;
}

/** Sum columns of rollups, in one order for every statement. */
export const COUNT_COLUMNS = [
  'requests',
  'errors',
  'unpriced_requests',
  'input_tokens',
  'output_tokens',
  'cache_read_tokens',
  'cache_write_tokens',
  'reasoning_tokens',
] as const;
export const COST_COLUMNS = ['input_cost', 'output_cost', 'other_cost', 'total_cost'] as const;
export type SumColumn = (typeof COUNT_COLUMNS)[number] | (typeof COST_COLUMNS)[number];

/** A row of sums as Postgres sends it: numeric and int8 as text. */
export type SumRow = { readonly [C in SumColumn]: string };

export const NO_SUMS: Sums = {
  costPicos: 0n,
  inputCostPicos: 0n,
  outputCostPicos: 0n,
  otherCostPicos: 0n,
  requests: 0,
  errors: 0,
  unpricedRequests: 0,
  inputTokens: 0,
  outputTokens: 0,
  cacheReadTokens: 0,
  cacheWriteTokens: 0,
  reasoningTokens: 0,
};

export function addSums(a: Sums, b: Sums): Sums {
  return {
    costPicos: a.costPicos + b.costPicos,
    inputCostPicos: a.inputCostPicos + b.inputCostPicos,
    outputCostPicos: a.outputCostPicos + b.outputCostPicos,
    otherCostPicos: a.otherCostPicos + b.otherCostPicos,
    requests: a.requests + b.requests,
    errors: a.errors + b.errors,
    unpricedRequests: a.unpricedRequests + b.unpricedRequests,
    inputTokens: a.inputTokens + b.inputTokens,
    outputTokens: a.outputTokens + b.outputTokens,
    cacheReadTokens: a.cacheReadTokens + b.cacheReadTokens,
    cacheWriteTokens: a.cacheWriteTokens + b.cacheWriteTokens,
    reasoningTokens: a.reasoningTokens + b.reasoningTokens,
  };
}

export function readSums(row: SumRow): Sums {
  return {
    costPicos: parseUsd(row.total_cost),
    inputCostPicos: parseUsd(row.input_cost),
    outputCostPicos: parseUsd(row.output_cost),
    otherCostPicos: parseUsd(row.other_cost),
    requests: Number(row.requests),
    errors: Number(row.errors),
    unpricedRequests: Number(row.unpriced_requests),
    inputTokens: Number(row.input_tokens),
    outputTokens: Number(row.output_tokens),
    cacheReadTokens: Number(row.cache_read_tokens),
    cacheWriteTokens: Number(row.cache_write_tokens),
    reasoningTokens: Number(row.reasoning_tokens),
  };
}

/** `part / whole` in percent with so many decimals, rounded half up away from zero; null of nothing. */
export function percent(part: bigint, whole: bigint, decimals: number): number | null {
  if (whole === 0n) return null;
  const scale = 10n ** BigInt(decimals);
  const scaled = part * 100n * scale * 2n;
  const twice = scaled / whole;
  const rounded = (twice + (twice < 0n ? -1n : 1n)) / 2n;
  return Number(rounded) / Number(scale);
}

/** Change against a previous amount in percent with one decimal; null when there was nothing before. */
export function changePct(now: bigint, before: bigint): number | null {
  return percent(now - before, before, 1);
}
