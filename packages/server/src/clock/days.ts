/** Calendar days as text, and where they begin. All instants are Unix milliseconds. */
import { Temporal } from 'temporal-polyfill';
import { DAY_MS } from './lengths.ts';
import { type EpochDay, localDay, midnight } from './zone-clock.ts';

/** Texts remembered; past it they are made again. */
const REMEMBERED = 100_000;
let printed = new Map<EpochDay, string>();

/** A day as text, `2026-11-22`. */
export function printDay(day: EpochDay): string {
  let text = printed.get(day);
  if (text === undefined) {
    if (printed.size > REMEMBERED) printed = new Map();
    text = new Date(day * DAY_MS).toISOString().slice(0, 10);
    printed.set(day, text);
  }
  return text;
}

/** The day that a text such as `2026-11-22` names; NaN for other texts. */
export const epochDay = (text: string): EpochDay => Date.parse(`${text}T00:00:00Z`) / DAY_MS;

/** The calendar day an instant falls on, `2026-11-22`. */
export const dayOf = (at: number, timezone: string): string => printDay(localDay(at, timezone));

/** The month an instant falls on, `2026-11`. */
export const monthOf = (at: number, timezone: string): string => dayOf(at, timezone).slice(0, 7);

/** True where an instant is a midnight of the zone. */
export const isDayStart = (at: number, timezone: string): boolean =>
  midnight(localDay(at, timezone), timezone) === at;

/** Start of the day that many days before (negative: after) the day of an instant. */
export const startOfDayBefore = (days: number, at: number, timezone: string): number =>
  midnight(localDay(at, timezone) - days, timezone);

export const plainDate = (day: EpochDay): Temporal.PlainDate => Temporal.PlainDate.from(printDay(day));
