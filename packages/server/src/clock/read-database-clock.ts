/** What the database's own time-zone data says of a zone. */
import type { Tx } from '../db/database.ts';
import { printDay } from './days.ts';
import { DAY_MS } from './lengths.ts';
import { type EpochDay, midnight } from './zone-clock.ts';

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

/** What the zone's clock is ahead of UTC for the database, by quarter hour. */
export async function offsetsAround(
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
