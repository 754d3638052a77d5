/** Cuts a tenant's time into pieces that are compared one at a time. */

import { DAY_MS, QUARTER_HOUR_MS, quarterHour } from '../clock/lengths.ts';
import type { Tx } from '../db/database.ts';
import type { RebuildPiece } from './compare.ts';

/** Most events of one piece, unless a single quarter hour has more. */
const PIECE_EVENTS = 50_000;
/** No piece is longer, however few events there are; statements this long take their time just to be planned. */
const PIECE_MS = 366 * DAY_MS;

/** Unix milliseconds, [from, to); null = as far as there is anything. */
export interface TimeLimits {
  readonly from: number | null;
  readonly to: number | null;
}

/** Pieces that cover all events and sums of a tenant; none for a tenant without any. */
export async function rebuildPieces(
  tx: Tx,
  tenant: string,
  limits: TimeLimits,
): Promise<readonly RebuildPiece[]> {
  const known = await knownRange(tx, tenant);
  if (known === null) return [];
  const from = Math.max(known.from, limits.from === null ? known.from : quarterHour(limits.from));
  const to = Math.min(known.to, limits.to === null ? known.to : nextQuarterHour(limits.to));
  if (from >= to) return [];
  const { rows } = await tx.query<{ bucket: Date; events: string }>(
    `select bucket, sum(requests) as events from rollups_15m
      where tenant_id = $1 and dimension = 'all' and bucket >= $2 and bucket < $3 group by 1 order by 1`,
    [tenant, new Date(from), new Date(to)],
  );
  const loads = rows.map((row) => ({ from: row.bucket.getTime(), events: Number(row.events) }));
  return cut(tenant, { from, to }, loads);
}

/** Cuts before a piece gets too many events or too long a time. Pure. */
export function cut(
  tenant: string,
  range: { readonly from: number; readonly to: number },
  loads: readonly { readonly from: number; readonly events: number }[],
): readonly RebuildPiece[] {
  const pieces: RebuildPiece[] = [];
  let from = range.from;
  let events = 0;
  const end = (to: number) => {
    if (to > from) pieces.push({ tenant, from, to });
    from = to;
    events = 0;
  };
  for (const load of loads) {
    while (load.from - from >= PIECE_MS) end(from + PIECE_MS);
    if (events > 0 && events + load.events > PIECE_EVENTS) end(load.from);
    events += load.events;
  }
  while (range.to - from > PIECE_MS) end(from + PIECE_MS);
  end(range.to);
  return pieces;
}

async function knownRange(tx: Tx, tenant: string): Promise<{ from: number; to: number } | null> {
  const { rows } = await tx.query<{ first: Date | null; last: Date | null }>(
    `with recursive dimensions (d) as (
       (select dimension from rollups_15m where tenant_id = $1 order by dimension limit 1)
       union all
       select (select dimension from rollups_15m where tenant_id = $1 and dimension > d order by dimension limit 1)
         from dimensions where d is not null),
     ends (at) as (
       select min(event_time) from usage_events where tenant_id = $1
       union all select max(event_time) from usage_events where tenant_id = $1
       union all select min(bucket) from rollups_day where tenant_id = $1
       union all select max(bucket) + 1 from rollups_day where tenant_id = $1
       union all
       select (select min(bucket) from rollups_15m where tenant_id = $1 and dimension = d) from dimensions
       union all
       select (select max(bucket) from rollups_15m where tenant_id = $1 and dimension = d) from dimensions)
     select min(at) as first, max(at) as last from ends`,
    [tenant],
  );
  const { first = null, last = null } = rows[0] ?? {};
  if (first === null || last === null) return null;
  // A local day begins and ends up to a day from the same day in UTC.
  return {
    from: quarterHour(first.getTime() - DAY_MS),
    to: nextQuarterHour(last.getTime() + DAY_MS),
  };
}

function nextQuarterHour(time: number): number {
  return quarterHour(time) + QUARTER_HOUR_MS;
}
