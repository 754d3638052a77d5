/** What of a charge is for cache and for reasoning: parts of its input and output cost. */
import type { SettledCharge } from '@farthing/pricing';

/** Of the priced lines. */
export interface PartCosts {
  /** Parts of the input cost. */
  readonly cacheReadPicos: bigint;
  readonly cacheWritePicos: bigint;
  /** Part of the output cost. */
  readonly reasoningPicos: bigint;
}

/** Sums the lines of the meters concerned; the same rule by which their tokens are counted. */
export function partCosts(lines: SettledCharge['lines']): PartCosts {
  let cacheReadPicos = 0n;
  let cacheWritePicos = 0n;
  let reasoningPicos = 0n;
  for (const { meter, amountPicos } of lines) {
    if (amountPicos === null) continue;
    if (meter === 'output_reasoning') reasoningPicos += amountPicos;
    else if (meter.endsWith('_cache_read')) cacheReadPicos += amountPicos;
    else if (meter.startsWith('input_cache_write')) cacheWritePicos += amountPicos;
  }
  return { cacheReadPicos, cacheWritePicos, reasoningPicos };
}
