/**
 * A rate card made ready for arithmetic, once per card: prices as fractions of whole numbers, fallbacks resolved.
 */

import type { Rate, RateCard } from '../book/price-book.ts';
import { MoneyError, PICOS_PER_USD, parseDecimal } from '../money/money.ts';
import { METER_NAMES, METERS, type Meter, type MeterDirection } from '../usage/meters.ts';

/** A price of one unit: `numerator ÷ denominator` picos, in lowest terms. */
export interface PricePoint {
  /** 0 for the base price, else the threshold. */
  readonly from: number;
  readonly usd: string;
  readonly numerator: bigint;
  readonly denominator: bigint;
  /** True where the denominator is 1: a unit costs a whole number of picos. */
  readonly whole: boolean;
}

export interface CompiledRate {
  /** The meter it prices. */
  readonly meter: Meter;
  /** Position of the meter among METERS: the order of charge lines. */
  readonly position: number;
  readonly direction: MeterDirection;
  readonly per: number;
  readonly base: PricePoint;
  /** Ascending; null where there are none. */
  readonly steps: readonly PricePoint[] | null;
  readonly marginal: boolean;
  readonly minimum: number;
  /** 0: any quantity is billed as it is. */
  readonly increment: number;
  readonly inheritedFrom: Meter | null;
}

export interface CompiledCard {
  readonly id: string;
  /** True where the card prices a meter that counts without being reported. */
  readonly hasImplied: boolean;
  /** The rate of each meter that the card prices, its own or an inherited one. */
  readonly rates: ReadonlyMap<Meter, CompiledRate>;
}

const COMPILED = new WeakMap<RateCard, CompiledCard>();

/** Compiles a card, or returns what was compiled before for this very object. */
export function compileCard(card: RateCard): CompiledCard {
  const known = COMPILED.get(card);
  if (known !== undefined) return known;
  const own = new Map<Meter, CompiledRate | null>();
  for (const meter of METER_NAMES) {
    const rate = card.rates[meter];
    if (rate !== undefined) own.set(meter, compileRate(meter, rate));
  }
  for (const meter of card.unpriced ?? []) own.set(meter, null);
  const rates = new Map<Meter, CompiledRate>();
  for (const meter of METER_NAMES) {
    const rate = own.get(meter);
    const found = rate === undefined ? inherited(own, meter) : rate;
    if (found !== null) rates.set(meter, found);
  }
  const hasImplied = METER_NAMES.some((meter) => METERS[meter].implied === true && rates.has(meter));
  const compiled: CompiledCard = { id: card.id, hasImplied, rates };
  COMPILED.set(card, compiled);
  return compiled;
}

function inherited(own: ReadonlyMap<Meter, CompiledRate | null>, meter: Meter): CompiledRate | null {
  const { fallback = [], unlessPriced = [] } = METERS[meter];
  for (const from of fallback) {
    const last = from === fallback.at(-1);
    if (last && unlessPriced.some((one) => own.has(one))) return null;
    const rate = own.get(from);
    // If a price is unknown, so is every price that would be inherited from it.
    if (rate === null) return null;
    if (rate !== undefined) return { ...rate, ...placeOf(meter), inheritedFrom: from };
  }
  return null;
}

function placeOf(meter: Meter) {
  return { meter, position: METER_NAMES.indexOf(meter), direction: METERS[meter].direction };
}

function compileRate(meter: Meter, rate: Rate): CompiledRate {
  if (!Number.isSafeInteger(rate.per) || rate.per <= 0) {
    throw new MoneyError(`a rate must be per a whole number of units, not ${rate.per}`);
  }
  const steps = (rate.steps ?? []).map((step) => pricePoint(step.from, step.usd, rate.per));
  return {
    ...placeOf(meter),
    per: rate.per,
    base: pricePoint(0, rate.usd, rate.per),
    steps: steps.length === 0 ? null : steps.sort((a, b) => a.from - b.from),
    marginal: rate.mode === 'marginal',
    minimum: rate.minimum ?? 0,
    increment: checkedIncrement(rate.increment),
    inheritedFrom: null,
  };
}

function checkedIncrement(increment = 0): number {
  if (Number.isSafeInteger(increment) && increment >= 0) return increment;
  throw new MoneyError(`a rate must be billed in whole units, not in steps of ${increment}`);
}

function pricePoint(from: number, usd: string, per: number): PricePoint {
  const { mantissa, scale } = parseDecimal(usd);
  if (mantissa < 0n) throw new MoneyError(`a price cannot be negative: "${usd}"`);
  const numerator = mantissa * PICOS_PER_USD;
  const denominator = 10n ** BigInt(scale) * BigInt(per);
  const divisor = greatestCommonDivisor(numerator, denominator);
  const lowest = denominator / divisor;
  return { from, usd, numerator: numerator / divisor, denominator: lowest, whole: lowest === 1n };
}

function greatestCommonDivisor(a: bigint, b: bigint): bigint {
  let [left, right] = [a, b];
  while (right !== 0n) [left, right] = [right, left % right];
  return left;
}
