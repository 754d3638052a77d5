/**
 * Latencies as the sums keep them: whole microseconds, and a histogram of 40 bins. The database has the same edges, in
 * its function `latency_bin`; a test compares them. To change them takes a migration, of that function and of the sums
 * that are stored.
 */

/** Bins of the histogram; bin 39 has no upper edge. */
export const LATENCY_BINS = 40;

/** Their columns in both rollups, `l00` … `l39`: how many latencies fell into each; null = 0. */
export const BIN_COLUMNS: readonly string[] = Array.from(
  { length: LATENCY_BINS },
  (_, bin) => `l${String(bin).padStart(2, '0')}`,
);

/**
 * Lower edges of the bins in microseconds: 0, then 1000 × 2^(i/2), rounded. Two bins per doubling from 1.4 ms to
 * 12 minutes, so that a quantile read from a bin is off by a fifth at most.
 */
export const LATENCY_EDGES_US: readonly number[] = Array.from({ length: LATENCY_BINS }, (_, bin) =>
  bin === 0 ? 0 : Math.round(1000 * 2 ** (bin / 2)),
);

/** The edges as SQL, for `width_bucket(us, …)`, which counts bins from 1. */
export const LATENCY_EDGES_SQL = `array[${LATENCY_EDGES_US.join(', ')}]::bigint[]`;

/** A latency column in whole microseconds as SQL; the same doubles give the same number as {@link latencyUs}. */
export const latencyUsSql = (column: string): string => `floor(${column} * 1000 + 0.5)::bigint`;

/** A latency in whole microseconds. */
export function latencyUs(ms: number): number {
  return Math.floor(ms * 1000 + 0.5);
}

/** The last bin whose lower edge is not above `us`. */
export function latencyBin(us: number): number {
  let low = 0;
  let high = LATENCY_BINS - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((LATENCY_EDGES_US[middle] ?? 0) <= us) low = middle;
    else high = middle - 1;
  }
  return low;
}

/** One event's contribution to the latency sums. */
export interface Latency {
  readonly us: number;
  readonly bin: number;
}

/** Null where the event has none. */
export function latencyOf(ms: number | null): Latency | null {
  if (ms === null) return null;
  const us = latencyUs(ms);
  return { us, bin: latencyBin(us) };
}
