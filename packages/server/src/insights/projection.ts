/** Projects the cost of a month to its end, with the uncertainty. */
import { divideHalfEven } from '@farthing/pricing';

/** Input of a projection. Amounts are picos. */
export interface ProjectionBasis {
  /** The month's cost so far, today included. */
  readonly monthToDate: bigint;
  /** Today's cost so far. */
  readonly today: bigint;
  /** Complete days before today, oldest first, at most {@link PROJECTION_DAYS}, none before the first event ever seen. */
  readonly completeDays: readonly bigint[];
  /** Days of the month after today. */
  readonly daysLeft: number;
}

export interface MonthProjection {
  readonly picos: bigint;
  readonly lowPicos: bigint;
  readonly highPicos: bigint;
  readonly confidence: 'high' | 'medium' | 'low';
  readonly daysSeen: number;
}

/** Complete days a projection looks back: four whole weeks, so that each weekday counts the same. */
export const PROJECTION_DAYS = 28;

/**
 * Month to date, plus the mean complete day for every day that is left, today lifted to the mean if it is below.
 *
 * The interval is ±2 standard deviations of a day times √(days that are left or filling), never below what was
 * already spent. Confidence: `high` from 14 days on with a standard deviation of at most half the mean, `medium`
 * from 7 days on with at most the mean, else `low`. Null while nothing was spent and nothing seen.
 */
export function projectMonth(basis: ProjectionBasis): MonthProjection | null {
  const days = BigInt(basis.completeDays.length);
  if (days === 0n && basis.monthToDate === 0n) return null;
  const sum = basis.completeDays.reduce((total, day) => total + day, 0n);
  const mean = days === 0n ? basis.today : divideHalfEven(sum, days);
  const deviation = standardDeviation(basis.completeDays, mean);
  const lift = mean > basis.today ? mean - basis.today : 0n;
  const picos = basis.monthToDate + lift + mean * BigInt(basis.daysLeft);
  const margin = squareRoot(4n * deviation * deviation * BigInt(basis.daysLeft + 1));
  const low = picos - margin;
  return {
    picos,
    lowPicos: low > basis.monthToDate ? low : basis.monthToDate,
    highPicos: picos + margin,
    confidence: confidenceOf(basis.completeDays.length, mean, deviation),
    daysSeen: basis.completeDays.length,
  };
}

function confidenceOf(days: number, mean: bigint, deviation: bigint): MonthProjection['confidence'] {
  if (days >= 14 && deviation * 2n <= mean) return 'high';
  return days >= 7 && deviation <= mean ? 'medium' : 'low';
}

/** Of the days as a sample; 0 for fewer than two. */
function standardDeviation(days: readonly bigint[], mean: bigint): bigint {
  if (days.length < 2) return 0n;
  const squares = days.reduce((total, day) => total + (day - mean) * (day - mean), 0n);
  return squareRoot(squares / BigInt(days.length - 1));
}

/** The largest whole number whose square is not above the value (Newton's method). */
function squareRoot(value: bigint): bigint {
  if (value < 2n) return value;
  let guess = 1n << BigInt(Math.ceil(value.toString(2).length / 2));
  for (;;) {
    const next = (guess + value / guess) >> 1n;
    if (next >= guess) return guess;
    guess = next;
  }
}
