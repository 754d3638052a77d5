/** Ranges of time by name. They move with the clock: a bookmarked "7d" is always the last seven days. */

const DAY_MS = 86_400_000;

interface TimeRange {
  readonly label: string;
  /** Where it begins: so many days before the end of today in the zone, 24 hours ago to the minute, or with the month. */
  readonly begins: number | 'hours' | 'month';
}

export const TIME_RANGES = {
  '24h': { label: 'Last 24 hours', begins: 'hours' },
  '7d': { label: 'Last 7 days', begins: 7 },
  '30d': { label: 'Last 30 days', begins: 30 },
  '90d': { label: 'Last 90 days', begins: 90 },
  mtd: { label: 'Month to date', begins: 'month' },
} as const satisfies { readonly [name: string]: TimeRange };

export type RangeName = keyof typeof TIME_RANGES;

export const isRangeName = (name: string): name is RangeName => Object.hasOwn(TIME_RANGES, name);

/**
 * Where a named range begins: an instant for hours, a calendar day of the zone for everything longer.
 *
 * @example rangeStart('7d', 'UTC', Date.parse('2026-11-22T10:00:00Z')) // '2026-11-16'
 */
export function rangeStart(range: RangeName, timeZone: string, now: number): string {
  const { begins }: TimeRange = TIME_RANGES[range];
  if (begins === 'hours') {
    // Whole minutes: the same query for all who ask within one.
    return new Date(Math.floor((now - DAY_MS) / 60_000) * 60_000).toISOString();
  }
  const today = new Intl.DateTimeFormat('en-CA', {
    timeZone,
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
  }).format(now);
  if (begins === 'month') return `${today.slice(0, 7)}-01`;
  return new Date(Date.parse(`${today}T00:00:00Z`) - (begins - 1) * DAY_MS).toISOString().slice(0, 10);
}
