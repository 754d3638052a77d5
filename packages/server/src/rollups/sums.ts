/** Sums of a rollup row in memory: events are added, and quarter hours are merged into days. */
import { COUNTS, costIn, MONEY, STORED_COUNTS } from '../ledger/measures.ts';
import type { LedgerFacts } from '../ledger/rated-event.ts';

/** Changes of one row's sums. Plain arrays: every row of a batch goes through them several times. */
export interface RowSums {
  /** By {@link COUNTS}: safe integers, checked by {@link requireExact}. */
  readonly counts: number[];
  /** By {@link MONEY}, picos. */
  readonly amounts: bigint[];
  /** Bins of the latency and their counts by turns: a row has a few of the 40. */
  readonly bins: number[];
}

/** How each count comes out of facts: from the counts that were stored, or from what the facts say otherwise. */
const READERS = COUNTS.map((row): ((facts: LedgerFacts) => number) => {
  if ('state' in row.of) return row.of.state;
  const at = STORED_COUNTS.findIndex(({ column }) => column === row.column);
  return ({ counts }) => counts[at] ?? 0;
});
const REQUESTS_AT = COUNTS.findIndex(({ column }) => column === 'requests');
const NO_AMOUNTS: readonly bigint[] = MONEY.map(() => 0n);

/** One event's sums; with sign -1 to subtract them again. */
export function sumsOf(facts: LedgerFacts, sign: 1 | -1): RowSums {
  const { amounts, latency } = facts;
  const priced = costIn(amounts) !== null;
  return {
    counts: READERS.map((of) => sign * of(facts)),
    amounts: priced ? amounts.map(sign === 1 ? known : negated) : NO_AMOUNTS.slice(),
    bins: latency === null ? [] : [latency.bin, sign],
  };
}

const known = (amount: bigint | null): bigint => amount ?? 0n;
const negated = (amount: bigint | null): bigint => -(amount ?? 0n);

/** Sums that can be added to without changing `part`: most rows of a small batch have one event. */
export function copyOf({ counts, amounts, bins }: RowSums): RowSums {
  return { counts: counts.slice(), amounts: amounts.slice(), bins: bins.slice() };
}

export function merge(into: RowSums, part: RowSums): void {
  const { counts, amounts } = into;
  for (let at = 0; at < counts.length; at += 1) counts[at] = (counts[at] ?? 0) + (part.counts[at] ?? 0);
  for (let at = 0; at < amounts.length; at += 1) {
    const added = part.amounts[at] ?? 0n;
    // Adding 0n still allocates a new bigint, and most calls have no cache writes or tool fees.
    if (added !== 0n) amounts[at] = (amounts[at] ?? 0n) + added;
  }
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
export function requireExact({ counts }: RowSums): void {
  for (let at = 0; at < counts.length; at += 1) {
    if (Number.isSafeInteger(counts[at])) continue;
    throw new RangeError(
      `The ${COUNTS[at]?.column} of this batch add up to more than can be counted exactly.`,
    );
  }
}

/** True if adding these changes nothing: an event was replaced by one with equal sums. */
export function isNothing({ counts, amounts, bins }: RowSums): boolean {
  if (counts[REQUESTS_AT] !== 0) return false;
  return (
    counts.every((count) => count === 0) &&
    amounts.every((amount) => amount === 0n) &&
    bins.every((one, at) => at % 2 === 0 || one === 0)
  );
}
