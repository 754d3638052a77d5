/**
 * Rating: quantities × the rates of the card that was in force = a charge with one line per meter.
 */
import { type CompiledCard, type CompiledRate, compileCard, type PricePoint } from './compile-card.ts';
import { METER_NAMES, METERS, type Meter } from './meters.ts';
import { divideHalfEven, parseDecimal } from './money.ts';
import type { CardLookup, NoCardReason, PriceBook, Speed } from './price-book.ts';
import type { Operation, ServiceTier, UsageSegment } from './usage.ts';

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
   * usage it then costs 0 instead of being unpriced. Where usage was reported it is priced all the same.
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
  /** The quantity that was charged, where a minimum raised it. */
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

/**
 * Prices a request with a book. Pure; never throws on unknown models or meters: they come back as unpriced.
 * Quantities must have passed `checkQuantities` (or come from `disjoint`): a negative one or `NaN` is a
 * programming error and throws a `RangeError`.
 *
 * Lines come segment by segment in the order of METERS; zero quantities make no line.
 */
export function rate(book: PriceBook, request: RatingRequest): Charge {
  const lines: ChargeLine[] = [];
  let unpriced: UnpricedReason | null = null;
  let reported = false;
  let query: Parameters<PriceBook['lookup']>[0] = request;
  for (let index = 0; index < request.segments.length; index++) {
    const segment = request.segments[index];
    if (segment === undefined) continue;
    const meters = reportedMeters(segment.quantities);
    if (meters.length === 0) continue;
    const before = lines.length;
    if (segment.model !== null && segment.model !== query.model) query = { ...request, model: segment.model };
    else if (segment.model === null && query !== request) query = request;
    const found = book.lookup(query);
    if (found.card === null) {
      unpriced ??= found.reason;
      unpricedLines(lines, meters, segment, index, found.reason);
    } else {
      pricedLines(lines, meters, segment, index, found);
    }
    // A bare count of the call itself says nothing about what it used.
    reported ||= lines.length > before || meters.some((meter) => !IMPLIED.includes(meter));
  }
  if (!reported && request.billed !== false) unpriced ??= 'no_usage';
  return total(lines, unpriced, book.version);
}

/** Meters that were reported, zero or not, in the order of METERS. */
function reportedMeters(quantities: UsageSegment['quantities']): Meter[] {
  const meters = Object.keys(quantities) as Meter[];
  let last = -1;
  for (const meter of meters) {
    const position = ORDER.get(meter) ?? Number.MAX_SAFE_INTEGER;
    if (position < last) return meters.sort((a, b) => (ORDER.get(a) ?? 1e9) - (ORDER.get(b) ?? 1e9));
    last = position;
  }
  return meters;
}

function quantityOf(segment: UsageSegment, meter: Meter): number {
  const quantity = segment.quantities[meter];
  if (quantity === undefined) return 0;
  if (quantity >= 0 && quantity < Number.POSITIVE_INFINITY) return quantity;
  throw new RangeError(`${meter}: ${quantity} is not a quantity; check quantities before rating them`);
}

function pricedLines(
  lines: ChargeLine[],
  meters: readonly Meter[],
  segment: UsageSegment,
  index: number,
  found: CardLookup & { readonly reason: null },
): void {
  const card = compileCard(found.card);
  const start = lines.length;
  for (const meter of meters) {
    const quantity = quantityOf(segment, meter);
    if (quantity > 0) addLine(lines, card, meter, quantity, index, segment.contextTokens);
  }
  if (!card.hasImplied) return;
  for (const meter of IMPLIED) {
    if (segment.quantities[meter] === undefined && card.rate(meter) !== null) {
      addLine(lines, card, meter, 1, index, segment.contextTokens);
    }
  }
  const tail = lines.splice(start);
  tail.sort((a, b) => (ORDER.get(a.meter) ?? 1e9) - (ORDER.get(b.meter) ?? 1e9));
  lines.push(...tail);
}

function addLine(
  lines: ChargeLine[],
  card: CompiledCard,
  meter: Meter,
  quantity: number,
  segment: number,
  contextTokens: number,
): void {
  const compiled = card.rate(meter);
  if (compiled === null) {
    if (IMPLIED.includes(meter)) return;
    lines.push(unpricedLine(meter, quantity, segment, card.id, 'no_rate'));
    return;
  }
  const billed = Math.max(quantity, compiled.minimum);
  const { point, amount } = price(compiled, billed, contextTokens);
  lines.push({
    meter,
    quantity,
    segment,
    rate: point.usd,
    per: compiled.per,
    amountPicos: amount,
    cardId: card.id,
    ...(compiled.inheritedFrom === null ? null : { inheritedFrom: compiled.inheritedFrom }),
    ...(point.from === 0 ? null : { step: point.from }),
    ...(billed === quantity ? null : { billedQuantity: billed }),
  });
}

/** The amount, and the price point that a reader should be shown (of marginal prices: the last one reached). */
function price(
  compiled: CompiledRate,
  quantity: number,
  contextTokens: number,
): { readonly point: PricePoint; readonly amount: bigint } {
  if (compiled.steps === null) return { point: compiled.base, amount: amountOf(compiled.base, quantity) };
  const by = compiled.marginal ? quantity : contextTokens;
  let point = compiled.base;
  for (const step of compiled.steps) if (by >= step.from) point = step;
  if (!compiled.marginal) return { point, amount: amountOf(point, quantity) };
  return { point, amount: marginalAmount(compiled, quantity) };
}

/** Each part at its own price; still rounded once, over the sum. A step `from` starts with that very unit. */
function marginalAmount(compiled: CompiledRate, quantity: number): bigint {
  const points = [compiled.base, ...(compiled.steps ?? [])];
  let numerator = 0n;
  let denominator = 1n;
  points.forEach((point, i) => {
    const start = i === 0 ? 0 : point.from - 1;
    const end = Math.min(quantity, (points[i + 1]?.from ?? Number.POSITIVE_INFINITY) - 1);
    if (end <= start) return;
    const part = subtractDecimal(end, start);
    const partNumerator = part.mantissa * point.numerator;
    const partDenominator = 10n ** BigInt(part.scale) * point.denominator;
    numerator = numerator * partDenominator + partNumerator * denominator;
    denominator *= partDenominator;
  });
  return divideHalfEven(numerator, denominator);
}

function subtractDecimal(a: number, b: number): { readonly mantissa: bigint; readonly scale: number } {
  const { mantissa, scale } = parseDecimal(String(a));
  return { mantissa: mantissa - BigInt(b) * 10n ** BigInt(scale), scale };
}

/** quantity × price in picos. A fractional quantity (seconds) enters by its decimal text. */
function amountOf(point: PricePoint, quantity: number): bigint {
  if (Number.isInteger(quantity)) {
    const product = BigInt(quantity) * point.numerator;
    return point.denominator === 1n ? product : divideHalfEven(product, point.denominator);
  }
  const { mantissa, scale } = parseDecimal(String(quantity));
  return divideHalfEven(mantissa * point.numerator, point.denominator * 10n ** BigInt(scale));
}

function unpricedLines(
  lines: ChargeLine[],
  meters: readonly Meter[],
  segment: UsageSegment,
  index: number,
  reason: UnpricedReason,
): void {
  for (const meter of meters) {
    const quantity = quantityOf(segment, meter);
    if (quantity > 0 && !IMPLIED.includes(meter)) {
      lines.push(unpricedLine(meter, quantity, index, null, reason));
    }
  }
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

function total(lines: readonly ChargeLine[], unpriced: UnpricedReason | null, bookVersion: string): Charge {
  let reason = unpriced;
  let inputPicos = 0n;
  let outputPicos = 0n;
  let otherPicos = 0n;
  for (const line of lines) {
    if (line.amountPicos === null) {
      reason ??= line.reason ?? 'no_rate';
      continue;
    }
    const direction = METERS[line.meter]?.direction;
    if (direction === 'input') inputPicos += line.amountPicos;
    else if (direction === 'output') outputPicos += line.amountPicos;
    else otherPicos += line.amountPicos;
  }
  const pricedSubtotalPicos = inputPicos + outputPicos + otherPicos;
  return {
    lines,
    totalPicos: reason === null ? pricedSubtotalPicos : null,
    pricedSubtotalPicos,
    inputPicos,
    outputPicos,
    otherPicos,
    unpricedReason: reason,
    bookVersion,
  };
}
