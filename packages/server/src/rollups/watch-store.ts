/** `invariant_checks`: the last proof of each invariant; and from when on there is anything to prove. */

import type { Invariant } from '@farthing/contract';
import type { Tx } from '../db/database.ts';
import type { Difference } from './invariants.ts';

/** Extent of a proof. */
export interface Covered {
  /** Days of the last 48 hours, over all tenants, and how many there are. */
  readonly recent_days: number;
  readonly recent_days_of: number;
  /** Days of long ago, drawn at random. */
  readonly sampled_days: number;
  /** Of both, days below a watermark: their day rows against their quarter hours alone. */
  readonly days_without_events: number;
  /** Rows of sums, or events, that were compared. */
  readonly compared: number;
  /** Days skipped because a single one took too long. */
  readonly skipped_days: number;
}

/** The last proof of one invariant. */
export interface Check {
  readonly invariant: Invariant;
  readonly ok: boolean;
  readonly checked_at: string;
  readonly duration_ms: number;
  readonly covered: Covered;
  readonly difference: Difference | null;
  /** Since when it has been found broken. */
  readonly broken_since: string | null;
}

const utc = (column: string) =>
  `to_char(${column} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as ${column}`;

/** The first day that a tenant has sums of, in days since 1970; null where it has none. */
export async function readFirstDays(tx: Tx): Promise<ReadonlyMap<string, number | null>> {
  const { rows } = await tx.query<{ id: string; first: number | null }>(
    `select id, (select min(bucket) from rollups_day where tenant_id = t.id and dimension = 'all') - date '1970-01-01'
              as first
       from tenants t`,
  );
  return new Map(rows.map((row) => [row.id, row.first]));
}

/** The last check of every invariant, by name. */
export async function readChecks(tx: Tx): Promise<readonly Check[]> {
  const { rows } = await tx.query<Check>(
    `select invariant, ok, ${utc('checked_at')}, duration_ms::float8 as duration_ms, covered, difference,
            ${utc('broken_since')} from invariant_checks order by invariant_checks.invariant`,
  );
  return rows;
}

export async function writeCheck(
  tx: Tx,
  check: Omit<Check, 'checked_at' | 'broken_since' | 'ok'>,
): Promise<void> {
  await tx.query(
    `insert into invariant_checks as c (invariant, ok, checked_at, duration_ms, covered, difference, broken_since)
     values ($1, $2, now(), $3, $4, $5, case when $2 then null else now() end)
     on conflict (invariant) do update set ok = excluded.ok, checked_at = excluded.checked_at,
       duration_ms = excluded.duration_ms, covered = excluded.covered, difference = excluded.difference,
       broken_since = case when excluded.ok then null else coalesce(c.broken_since, excluded.broken_since) end`,
    [
      check.invariant,
      check.difference === null,
      check.duration_ms,
      JSON.stringify(check.covered),
      check.difference === null ? null : JSON.stringify(check.difference),
    ],
  );
}
