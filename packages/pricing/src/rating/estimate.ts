/**
 * Estimate: an upper bound of what a call can cost, before it is made.
 */

import type { PriceBook, RateCard, Speed } from '../book/price-book.ts';
import type { Meter } from '../usage/meters.ts';
import type { MutableQuantities } from '../usage/quantities.ts';
import type { Operation, ServiceTier } from '../usage/usage.ts';
import { compileCard } from './compile-card.ts';
import { type Charge, rate } from './rate.ts';

/** A call before it is made, with the most that it can use. */
export interface BoundedCall {
  readonly provider: string;
  readonly model: string;
  readonly operation: Operation;
  readonly at: number;
  readonly tier: ServiceTier;
  readonly speed: Speed | null;
  readonly region: string | null;
  /** Bound on all input tokens. */
  readonly inputTokens: number;
  /** Most output tokens the provider may make, reasoning included. */
  readonly outputTokens: number;
  /** True where the call may write a cache: input is then taken at the dearest cache-write price, if dearer. */
  readonly mayWriteCache?: boolean;
  /** Tool fees and the like, to be counted as given. */
  readonly others?: { readonly [M in Meter]?: number };
}

const INPUT: readonly Meter[] = ['input_uncached'];
const INPUT_WITH_WRITES: readonly Meter[] = [
  'input_uncached',
  'input_cache_write',
  'input_cache_write_5m',
  'input_cache_write_1h',
];
const OUTPUT: readonly Meter[] = ['output_text', 'output_reasoning'];

/**
 * The dearest a text call within these bounds can be: no cache discount, every output token at the dearer of
 * the text and the reasoning price, the higher context step where the bound reaches it. Unpriced
 * (`totalPicos` null) where the book knows no price, so that the caller decides, not a guessed zero.
 *
 * @example estimate(book, { …, inputTokens: 1200, outputTokens: 4096 }).totalPicos
 */
export function estimate(book: PriceBook, call: BoundedCall): Charge {
  const { inputTokens, outputTokens, mayWriteCache, others, ...rest } = call;
  const card = book.find(rest);
  const quantities: MutableQuantities = { ...others };
  quantities[dearest(card, mayWriteCache === true ? INPUT_WITH_WRITES : INPUT, inputTokens)] = inputTokens;
  if (outputTokens > 0) quantities[dearest(card, OUTPUT, inputTokens)] = outputTokens;
  return rate(book, { ...rest, segments: [{ model: null, quantities, contextTokens: inputTokens }] });
}

function dearest(
  card: RateCard | null,
  meters: readonly [Meter, ...Meter[]] | readonly Meter[],
  context: number,
): Meter {
  const [first] = meters;
  if (first === undefined) throw new RangeError('no meters to compare');
  if (card === null) return first;
  const compiled = compileCard(card);
  let best = first;
  let bestPrice = -1n;
  for (const meter of meters) {
    const own = compiled.rates.get(meter);
    if (own === undefined) continue;
    const point = (own.steps ?? []).filter((step) => context >= step.from).at(-1) ?? own.base;
    // A common denominator of 10^30 compares fractions of picos exactly enough to rank prices.
    const price = (point.numerator * 10n ** 30n) / point.denominator;
    if (price > bestPrice) [best, bestPrice] = [meter, price];
  }
  return best;
}
