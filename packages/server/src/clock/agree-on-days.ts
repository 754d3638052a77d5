/**
 * Day rows are cut by the database's time-zone data, charts by the platform's. After a recent change of a zone's rules
 * the two can be of different versions. Then the database is right. Readers ask once per zone, about the days that
 * charts show ({@link agreeOnDays}); writers notice a difference when the database places a quarter hour on another day
 * ({@link correctDays}). A correction found by one holds for both.
 */
import type { Tx } from '../db/database.ts';
import { printDay } from './days.ts';
import { DAY_MS } from './lengths.ts';
import { type EpochDay, hasAgreed, learnOffsets, localDay, markAgreed, midnight } from './zone-clock.ts';

/** Versions differ about the recent past and the near future. */
const DAYS_BACK = 800;
const DAYS_AHEAD = 32;

/** Asks about zones that were not asked about before; some 20 ms for each. */
export async function agreeOnDays(tx: Tx, zones: Iterable<string>, now: number = Date.now()): Promise<void> {
  for (const zone of zones) {
    if (hasAgreed(zone)) continue;
    const today = localDay(now, zone);
    const days = Array.from({ length: DAYS_BACK + DAYS_AHEAD }, (_, index) => today - DAYS_BACK + index);
    const different = await differentDays(tx, zone, days);
    if (different.length > 0) await correctDays(tx, zone, different);
    markAgreed(zone);
  }
}

/** Takes the database's word on a zone's clock around some days. */
export async function correctDays(tx: Tx, zone: string, days: readonly EpochDay[]): Promise<void> {
  learnOffsets(zone, await offsetsAround(tx, zone, days));
}

/** The days that do not begin for the database when they begin here. */
export async function differentDays(
  tx: Tx,
  zone: string,
  days: readonly EpochDay[],
): Promise<readonly EpochDay[]> {
  const { rows } = await tx.query<{ day: number }>(
    `select day - date '1970-01-01' as day from unnest($2::date[], $3::timestamptz[]) as said (day, at)
      where (at at time zone $1)::date < day or ((at - interval '1 microsecond') at time zone $1)::date >= day
      order by 1`,
    [zone, days.map(printDay), days.map((day) => new Date(midnight(day, zone)).toISOString())],
  );
  return rows.map((row) => row.day);
}

/** The zone's offset from UTC according to the database, by quarter hour. */
async function offsetsAround(
  tx: Tx,
  zone: string,
  days: readonly EpochDay[],
): Promise<readonly (readonly [at: number, offset: number])[]> {
  const { rows } = await tx.query<{ at: string; offset: string }>(
    `select distinct (extract(epoch from at) * 1000)::bigint as at,
            (extract(epoch from (at at time zone $1) - (at at time zone 'UTC')) * 1000)::bigint as offset
       from unnest($2::timestamptz[]) as day (start)
      cross join generate_series(start - interval '2 days', start + interval '3 days', interval '15 minutes') as at`,
    [zone, days.map((day) => new Date(day * DAY_MS).toISOString())],
  );
  return rows.map((row) => [Number(row.at), Number(row.offset)] as const);
}
