/** Which figure to follow where tables are silent, round, or contradict one another. */
import { parseDecimal } from '../../../packages/pricing/src/money/money.ts';
import { multiplyDecimalTexts } from '../../../packages/server/src/price-book/compile/derive.ts';

/** A figure that a table states, and what that table states for a standard call. */
export interface Stated {
  readonly table: string;
  readonly usd: string;
}

/** What was decided, and why in a few words. `usd` null = nothing of it can be followed. */
export interface Decision {
  readonly usd: string | null;
  readonly followed: readonly string[];
  /** Null if the tables agree and there is nothing to report. */
  readonly reason: string | null;
}

/** Ratios to the standard price that providers are known to use; what fits none of them is not recognised. */
const RATIOS = ['0.5', '0.6', '0.75', '1.1', '1.5', '1.7', '1.75', '1.8', '2', '2.5', '3', '6'];

/** `value ÷ base` where it is one of the ratios in use, else null. */
export function ratioOf(value: string, base: string): string | null {
  return RATIOS.find((ratio) => same(multiplyDecimalTexts(base, ratio), value)) ?? null;
}

/** Equal as numbers. */
export function same(a: string, b: string): boolean {
  return compare(a, b) === 0;
}

/** Negative, zero or positive as numbers. */
export function compare(a: string, b: string): number {
  const [left, right] = aligned(a, b);
  return left < right ? -1 : left > right ? 1 : 0;
}

/** True where two figures differ by a rounding of the shorter one: at most 5 % and in its last digit. */
export function rounds(short: string, exact: string): boolean {
  const [left, right] = aligned(short, exact);
  const gap = left > right ? left - right : right - left;
  const digits = short.replace('.', '').replace(/^0+/, '').length;
  return gap !== 0n && gap * 20n <= right && digits < exact.replace('.', '').replace(/^0+/, '').length;
}

function aligned(a: string, b: string): readonly [bigint, bigint] {
  const left = parseDecimal(a);
  const right = parseDecimal(b);
  const scale = Math.max(left.scale, right.scale);
  return [
    left.mantissa * 10n ** BigInt(scale - left.scale),
    right.mantissa * 10n ** BigInt(scale - right.scale),
  ];
}

/**
 * Decides one figure. `ratio` is what the whole mode costs of a standard call (decimal text), where known.
 *
 * 1. Tables that agree are followed, though both may print a rounded figure: the provider's page does too.
 * 2. Where one of them is exactly `base × ratio`, it is followed.
 * 3. A figure that only rounds `base × ratio` is taken as the exact product.
 * 4. Else the newest table is followed, the last of `stated`.
 */
export function decide(stated: readonly Stated[], base: string | null, ratio: string | null): Decision {
  const newest = stated.at(-1);
  if (newest === undefined) return { usd: null, followed: [], reason: null };
  const followed = stated.map((one) => one.table);
  const expected = base === null || ratio === null ? null : multiplyDecimalTexts(base, ratio);
  if (stated.every((one) => same(one.usd, newest.usd))) {
    if (stated.length > 1 || expected === null || !rounds(newest.usd, expected)) {
      return { usd: newest.usd, followed, reason: null };
    }
    return { usd: expected, followed, reason: `${newest.usd} rounds standard × ${ratio}` };
  }
  if (expected !== null) {
    const fits = stated.filter((one) => same(one.usd, expected));
    if (fits.length > 0) {
      return { usd: expected, followed: fits.map((one) => one.table), reason: `is standard × ${ratio}` };
    }
    const near = stated.filter((one) => rounds(one.usd, expected));
    if (near.length === stated.length) {
      return { usd: expected, followed, reason: `all round standard × ${ratio}` };
    }
  }
  return { usd: newest.usd, followed: [newest.table], reason: 'newest table' };
}
