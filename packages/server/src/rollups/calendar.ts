/** Buckets: quarter hours in UTC, days in a reporting zone. */

export const QUARTER_HOUR_MS = 900_000;
const MS_PER_DAY = 86_400_000;
const REMEMBERED = 20_000;

/** Start of the quarter hour that `time` (Unix ms) lies in. Every zone's days begin on one, +05:45 included. */
export function quarterHour(time: number): number {
  return Math.floor(time / QUARTER_HOUR_MS) * QUARTER_HOUR_MS;
}

/** Days since 1970-01-01 of the local calendar date at `time` in an IANA zone. */
export interface LocalDay {
  (zone: string, time: number): number;
  /**
   * Takes the database's word for one quarter hour. Its time-zone data may be another version than the platform's, and
   * where a government has just moved its clocks the two cut days differently; day rows are cut by the database's.
   */
  learn(zone: string, time: number, day: number): void;
}

/**
 * Asks the platform's time-zone data once per zone and quarter hour: offsets only ever change, and days only ever
 * begin, on a quarter hour.
 *
 * @example createLocalDay()('Asia/Kathmandu', Date.UTC(2026, 0, 1, 18, 15)) // 2026-01-02
 */
export function createLocalDay(): LocalDay {
  const formats = new Map<string, Intl.DateTimeFormat>();
  let days = new Map<string, number>();
  const learn = (zone: string, time: number, day: number) => {
    if (days.size >= REMEMBERED) days = new Map();
    days.set(`${zone}:${quarterHour(time)}`, day);
  };
  const localDay = (zone: string, time: number) => {
    const bucket = quarterHour(time);
    if (zone === 'UTC') return Math.floor(bucket / MS_PER_DAY);
    let day = days.get(`${zone}:${bucket}`);
    if (day === undefined) {
      day = computeDay(formatFor(formats, zone), bucket);
      learn(zone, bucket, day);
    }
    return day;
  };
  return Object.assign(localDay, { learn });
}

function formatFor(formats: Map<string, Intl.DateTimeFormat>, zone: string): Intl.DateTimeFormat {
  let format = formats.get(zone);
  if (format === undefined) {
    format = new Intl.DateTimeFormat('en-US-u-ca-gregory-nu-latn', {
      timeZone: zone,
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
    });
    formats.set(zone, format);
  }
  return format;
}

function computeDay(format: Intl.DateTimeFormat, time: number): number {
  const parts: { [type: string]: number } = {};
  for (const { type, value } of format.formatToParts(time)) parts[type] = Number(value);
  return Date.UTC(parts['year'] ?? 0, (parts['month'] ?? 1) - 1, parts['day'] ?? 1) / MS_PER_DAY;
}
