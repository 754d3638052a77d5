/** What a rollup row sums, in memory: added to by events, merged from quarter hours into days. */
import type { LedgerFacts } from '../ledger/rated-event.ts';

/** Changes of one row's sums. Counts are safe integers, checked by {@link requireExact}. */
export interface Sums {
  requests: number;
  errors: number;
  unpricedRequests: number;
  inputTokens: number;
  outputTokens: number;
  cacheReadTokens: number;
  cacheWriteTokens: number;
  reasoningTokens: number;
  timedRequests: number;
  latencyUs: number;
  inputPicos: bigint;
  outputPicos: bigint;
  otherPicos: bigint;
  totalPicos: bigint;
  cacheReadPicos: bigint;
  cacheWritePicos: bigint;
  reasoningPicos: bigint;
  listPicos: bigint;
  /** Bins and their counts by turns: a row has a few of the 40. */
  readonly bins: number[];
}

/** One event as sums of its own; with sign -1 as what it takes out again. */
export function sumsOf(facts: LedgerFacts, sign: 1 | -1): Sums {
  const { tokens, latency } = facts;
  const priced = facts.totalPicos !== null;
  const signed = sign === 1 ? same : negated;
  return {
    requests: sign,
    errors: facts.status === 'ok' ? 0 : sign,
    unpricedRequests: priced ? 0 : sign,
    inputTokens: sign * tokens.input,
    outputTokens: sign * tokens.output,
    cacheReadTokens: sign * tokens.cacheRead,
    cacheWriteTokens: sign * tokens.cacheWrite,
    reasoningTokens: sign * tokens.reasoning,
    timedRequests: latency === null ? 0 : sign,
    latencyUs: latency === null ? 0 : sign * latency.us,
    inputPicos: priced ? signed(facts.inputPicos) : 0n,
    outputPicos: priced ? signed(facts.outputPicos) : 0n,
    otherPicos: priced ? signed(facts.otherPicos) : 0n,
    totalPicos: signed(facts.totalPicos ?? 0n),
    cacheReadPicos: priced ? signed(facts.cacheReadPicos) : 0n,
    cacheWritePicos: priced ? signed(facts.cacheWritePicos) : 0n,
    reasoningPicos: priced ? signed(facts.reasoningPicos) : 0n,
    listPicos: priced ? signed(facts.listPicos ?? 0n) : 0n,
    bins: latency === null ? [] : [latency.bin, sign],
  };
}

const same = (value: bigint): bigint => value;
const negated = (value: bigint): bigint => -value;

/** Sums that can be added to without changing `part`: most rows of a small batch have one event. */
export function copyOf(part: Sums): Sums {
  return { ...part, bins: part.bins.slice() };
}

export function merge(into: Sums, part: Sums): void {
  into.requests += part.requests;
  into.errors += part.errors;
  into.unpricedRequests += part.unpricedRequests;
  into.inputTokens += part.inputTokens;
  into.outputTokens += part.outputTokens;
  into.cacheReadTokens += part.cacheReadTokens;
  into.cacheWriteTokens += part.cacheWriteTokens;
  into.reasoningTokens += part.reasoningTokens;
  into.timedRequests += part.timedRequests;
  into.latencyUs += part.latencyUs;
  // Adding nothing to a bigint makes a new one all the same, and most calls have no cache writes or tool fees.
  if (part.inputPicos !== 0n) into.inputPicos += part.inputPicos;
  if (part.outputPicos !== 0n) into.outputPicos += part.outputPicos;
  if (part.otherPicos !== 0n) into.otherPicos += part.otherPicos;
  if (part.totalPicos !== 0n) into.totalPicos += part.totalPicos;
  if (part.cacheReadPicos !== 0n) into.cacheReadPicos += part.cacheReadPicos;
  if (part.cacheWritePicos !== 0n) into.cacheWritePicos += part.cacheWritePicos;
  if (part.reasoningPicos !== 0n) into.reasoningPicos += part.reasoningPicos;
  if (part.listPicos !== 0n) into.listPicos += part.listPicos;
  mergeBins(into.bins, part.bins);
}

function mergeBins(into: number[], part: readonly number[]): void {
  for (let at = 0; at < part.length; at += 2) {
    const bin = part[at] ?? 0;
    const count = part[at + 1] ?? 0;
    let place = 0;
    while (place < into.length && into[place] !== bin) place += 2;
    if (place === into.length) into.push(bin, count);
    else into[place + 1] = (into[place + 1] ?? 0) + count;
  }
}

/** Throws a RangeError when a count has left the safe integers, instead of losing one. */
export function requireExact({ inputTokens, outputTokens, latencyUs }: Sums): void {
  // The other tokens are parts of these two.
  if (!Number.isSafeInteger(inputTokens) || !Number.isSafeInteger(outputTokens)) {
    throw new RangeError('The tokens of this batch add up to more than can be counted exactly.');
  }
  if (!Number.isSafeInteger(latencyUs)) {
    throw new RangeError('The latencies of this batch add up to more than can be counted exactly.');
  }
}

/** True where adding these changes nothing: an event left and its like came in its place. */
export function isNothing(sums: Sums): boolean {
  if (sums.requests !== 0) return false;
  for (const name in sums) {
    const value = sums[name as keyof Sums];
    if (
      typeof value === 'object' ? value.some((one, at) => at % 2 === 1 && one !== 0) : Number(value) !== 0
    ) {
      return false;
    }
  }
  return true;
}
