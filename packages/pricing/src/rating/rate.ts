/**
 * Rating: quantities × the rates of the card that was in force = a charge with one line per meter.
 */

import type { NoCardReason, PriceBook, Speed } from '../book/price-book.ts';
import { METER_NAMES, METERS, type Meter, type Quantities } from '../usage/meters.ts';
import type { Operation, ServiceTier, UsageSegment } from '../usage/usage.ts';
import { amountOf, marginalAmount } from './amount.ts';
import { type CompiledCard, type CompiledRate, compileCard, type PricePoint } from './compile-card.ts';

/** What is to be priced. Everything a price may depend on, nothing else. */
export interface RatingRequest {
  readonly provider: string;
  /** Model the event is priced as (the served one where known). */
  readonly model: string;
  readonly operation: Operation;
  /** When the call was made, Unix milliseconds: selects the card in force. */
  readonly at: number;
  readonly tier: ServiceTier;
  readonly speed: Speed | null;
  readonly region: string | null;
  readonly segments: readonly UsageSegment[];
  /**
   * False for a call that the provider cannot have billed (refused or failed before the model ran). Without
   * usage it then costs 0 instead of being unpriced. If usage was reported, it is priced.
   */
  readonly billed?: boolean;
}

/** Why a quantity could not be priced. */
export type UnpricedReason = NoCardReason | 'no_rate' | 'no_usage';

/** One meter of one segment, priced or named as unpriced. */
export interface ChargeLine {
  readonly meter: Meter;
  /** As reported. */
  readonly quantity: number;
  /** Position of the segment in the request. */
  readonly segment: number;
  /** Decimal USD per {@link per} units, as the card prints it; null = unpriced. */
  readonly rate: string | null;
  readonly per: number | null;
  /** Null = unpriced. Rounded once, here, half to even. */
  readonly amountPicos: bigint | null;
  /** Id of the rate card, content-addressed; null = no card matched. */
  readonly cardId: string | null;
  /** The meter whose rate was used, where the card has none of this one. */
  readonly inheritedFrom?: Meter;
  /** The threshold that chose the rate (tokens, inclusive); absent = base price. */
  readonly step?: number;
  /** The quantity that was charged, where a minimum or an increment raised it. */
  readonly billedQuantity?: number;
  readonly reason?: UnpricedReason;
}

/** The price of one event. Σ amounts of the lines = `pricedSubtotalPicos`, exactly. */
export interface Charge {
  readonly lines: readonly ChargeLine[];
  /** Null when any billable quantity has no price: unknown is never zero. */
  readonly totalPicos: bigint | null;
  readonly pricedSubtotalPicos: bigint;
  /** The subtotal by direction; the three sum to `pricedSubtotalPicos`. */
  readonly inputPicos: bigint;
  readonly outputPicos: bigint;
  readonly otherPicos: bigint;
  /** Why the total is null (the first cause met); null where it is priced. */
  readonly unpricedReason: UnpricedReason | null;
  /** Version of the price book that was asked. */
  readonly bookVersion: string;
}

const ORDER = new Map<string, number>(METER_NAMES.map((meter, index) => [meter, index]));
const IMPLIED = METER_NAMES.filter((meter) => METERS[meter].implied === true);

/** A line under construction. */
type MutableLine = { -readonly [Key in keyof ChargeLine]: ChargeLine[Key] };

/** The amounts of the priced lines by direction, summed while the lines are made. */
interface Sums {
  input: bigint;
  output: bigint;
  other: bigint;
}

/**
 * Prices a request with a book. Pure; never throws on unknown models or meters: they come back as unpriced.
 * Quantities must have passed `checkQuantities` (or come from `disjoint`): a negative one or `NaN` is a
 * programming error and throws a `RangeError`.
 *
 * Lines come segment by segment in the order of METERS; zero quantities make no line.
 */
export function rate(book: PriceBook, request: RatingRequest): Charge {
  const lines: ChargeLine[] = [];
  const sums: Sums = { input: 0n, output: 0n, other: 0n };
  let unpriced: UnpricedReason | null = null;
  let reported = false;
  let query: Parameters<PriceBook['lookup']>[0] = request;
  for (let index = 0; index < request.segments.length; index++) {
    const segment = request.segments[index];
    if (segment === undefined) continue;
    if (isEmpty(segment.quantities)) continue;
    const before = lines.length;
    if (segment.model !== null && segment.model !== query.model) query = { ...request, model: segment.model };
    else if (segment.model === null && query !== request) query = request;
    const found = book.lookup(query);
    if (found.card === null) {
      unpriced ??= found.reason;
      unpricedLines(lines, segment, index, found.reason);
    } else {
      pricedLines(lines, sums, segment, index, compileCard(found.card));
    }
    // A bare count of the call itself says nothing about what it used.
    reported ||= lines.length > before || hasUsage(segment.quantities);
  }
  if (!reported && request.billed !== false) unpriced ??= 'no_usage';
  return total(lines, sums, unpriced, book.version);
}

function isEmpty(quantities: Quantities): boolean {
  for (const _ in quantities) return false;
  return true;
}

function hasUsage(quantities: Quantities): boolean {
  return Object.keys(quantities).some((meter) => !IMPLIED.includes(meter as Meter));
}

/** Refuses what is no quantity; absent is 0. */
function checked(quantity: number | undefined, meter: string): number {
  if (quantity === undefined) return 0;
  if (quantity >= 0 && quantity < Number.POSITIVE_INFINITY) return quantity;
  throw new RangeError(`${meter}: ${quantity} is not a quantity; check quantities before rating them`);
}

function pricedLines(
  lines: ChargeLine[],
  sums: Sums,
  segment: UsageSegment,
  index: number,
  card: CompiledCard,
): void {
  const { quantities, contextTokens } = segment;
  const start = lines.length;
  // Extractors name meters in order, so that there is hardly ever something to sort.
  let last = -1;
  let sorted = true;
  // `in` makes no list of the names: a third of the time of `Object.keys`, saved for every event.
  for (const name in quantities) {
    const meter = name as Meter;
    const quantity = checked(quantities[meter], meter);
    if (quantity === 0) continue;
    const rate = card.rates.get(meter);
    if (rate === undefined) {
      if (IMPLIED.includes(meter)) continue;
      lines.push(unpricedLine(meter, quantity, index, card.id, 'no_rate'));
      sorted = false;
      continue;
    }
    if (rate.position < last) sorted = false;
    last = rate.position;
    lines.push(pricedLine(sums, card, rate, quantity, index, contextTokens));
  }
  if (card.hasImplied) {
    for (const meter of IMPLIED) {
      const rate = card.rates.get(meter);
      if (rate === undefined || quantities[meter] !== undefined) continue;
      lines.push(pricedLine(sums, card, rate, 1, index, contextTokens));
      sorted = false;
    }
  }
  if (!sorted) sortFrom(lines, start);
}

function pricedLine(
  sums: Sums,
  card: CompiledCard,
  rate: CompiledRate,
  quantity: number,
  segment: number,
  contextTokens: number,
): ChargeLine {
  const billed = billedOf(rate, quantity);
  const point = rate.steps === null ? rate.base : pointOf(rate, rate.steps, billed, contextTokens);
  const amount = rate.marginal ? marginalAmount(rate, billed) : amountOf(point, billed);
  if (rate.direction === 'input') sums.input += amount;
  else if (rate.direction === 'output') sums.output += amount;
  else sums.other += amount;
  const line: MutableLine = {
    meter: rate.meter,
    quantity,
    segment,
    rate: point.usd,
    per: rate.per,
    amountPicos: amount,
    cardId: card.id,
  };
  // Assigned, not spread: spreading an object that is mostly empty took longer than all the arithmetic.
  if (rate.inheritedFrom !== null) line.inheritedFrom = rate.inheritedFrom;
  if (point.from !== 0) line.step = point.from;
  if (billed !== quantity) line.billedQuantity = billed;
  return line;
}

/** What is billed of a quantity: at least the minimum, and whole increments. */
function billedOf({ minimum, increment }: CompiledRate, quantity: number): number {
  const least = Math.max(quantity, minimum);
  return increment === 0 ? least : Math.ceil(least / increment) * increment;
}

/** The price that a reader should be shown; of marginal prices the last one reached. */
function pointOf(
  rate: CompiledRate,
  steps: readonly PricePoint[],
  quantity: number,
  contextTokens: number,
): PricePoint {
  const by = rate.marginal ? quantity : contextTokens;
  let point = rate.base;
  for (const step of steps) if (by >= step.from) point = step;
  return point;
}

function sortFrom(lines: ChargeLine[], start: number): void {
  const tail = lines.splice(start);
  tail.sort((a, b) => (ORDER.get(a.meter) ?? 1e9) - (ORDER.get(b.meter) ?? 1e9));
  lines.push(...tail);
}

function unpricedLines(
  lines: ChargeLine[],
  segment: UsageSegment,
  index: number,
  reason: UnpricedReason,
): void {
  const start = lines.length;
  for (const [name, value] of Object.entries(segment.quantities)) {
    const meter = name as Meter;
    const quantity = checked(value, meter);
    if (quantity > 0 && !IMPLIED.includes(meter)) {
      lines.push(unpricedLine(meter, quantity, index, null, reason));
    }
  }
  sortFrom(lines, start);
}

function unpricedLine(
  meter: Meter,
  quantity: number,
  segment: number,
  cardId: string | null,
  reason: UnpricedReason,
): ChargeLine {
  return { meter, quantity, segment, rate: null, per: null, amountPicos: null, cardId, reason };
}

function total(
  lines: readonly ChargeLine[],
  { input, output, other }: Sums,
  unpriced: UnpricedReason | null,
  bookVersion: string,
): Charge {
  let reason = unpriced;
  for (const line of lines) if (line.amountPicos === null) reason ??= line.reason ?? 'no_rate';
  const pricedSubtotalPicos = input + output + other;
  return {
    lines,
    totalPicos: reason === null ? pricedSubtotalPicos : null,
    pricedSubtotalPicos,
    inputPicos: input,
    outputPicos: output,
    otherPicos: other,
    unpricedReason: reason,
    bookVersion,
  };
}
