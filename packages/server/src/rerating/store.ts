/** SQL of `rerating_runs` and `rerating_changes`. */
import { parseUsd, printUsd } from '@farthing/pricing';
import type { Tx } from '../db/database.ts';
import { audit } from '../tenants/audit/write-audit.ts';
import type { Cursor } from './cursor.ts';
import type { DayDifference, NewRun, Run, RunStatus } from './run.ts';

const utc = (column: string, name = column) =>
  `to_char(${column} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as "${name}"`;
const RUN = `id::text, status, dry_run, reason, ${utc('created_at')}, created_by, ${utc('finished_at')},
  tenant_id as tenant, provider, model, ${utc('from_time', 'from')}, ${utc('to_time', 'to')}, unpriced_only,
  expected::float8 as expected, scanned::float8 as scanned, changed::float8 as changed, longest_ms, error`;

/** SQL condition for the events of a run; `r` is the run's row. Later arrivals are already rated by the newer prices. */
const SELECTED = `e.received_at <= r.created_at
  and (r.provider is null or e.provider = r.provider) and (r.model is null or e.model = r.model)
  and (r.from_time is null or e.event_time >= r.from_time) and (r.to_time is null or e.event_time < r.to_time)`;

/** The same; runs over what is unpriced go along the index that holds nothing else. */
export const selected = (unpricedOnly: boolean): string =>
  unpricedOnly ? `${SELECTED} and e.total_cost is null` : SELECTED;

/**
 * Opens a run. `trigger` names an automatic cause: returns null if that cause already has a run.
 */
export async function insertRun(tx: Tx, run: NewRun, trigger: string | null): Promise<Run | null> {
  const { rows } = await tx.query<Run>(
    `insert into rerating_runs
       (created_by, reason, dry_run, trigger, tenant_id, provider, model, from_time, to_time, unpriced_only)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) on conflict (trigger) do nothing returning ${RUN}`,
    [
      run.actor,
      run.reason,
      run.dryRun,
      trigger,
      run.tenant,
      run.provider,
      run.model,
      run.from,
      run.to,
      run.unpricedOnly,
    ],
  );
  const [made] = rows;
  if (made === undefined) return null;
  const { dryRun, tenant, provider, model, from, to, unpricedOnly, reason } = run;
  const details = { id: made.id, dryRun, provider, model, from, to, unpricedOnly, reason };
  await audit(tx, { actor: run.actor, action: 'rerating.start', tenantId: tenant, details });
  return made;
}

/** A count of many millions of events is not worth more: progress is shown without it then. */
const COUNT_MS = 20_000;

/**
 * Counts the events of a run that has not started, for its progress. Takes no locks; the database cancels it past
 * {@link COUNT_MS}.
 */
export async function countSelected(tx: Tx, id: string): Promise<void> {
  const { rows } = await tx.query<{ unpriced_only: boolean }>(
    'select unpriced_only from rerating_runs where id = $1 and expected is null and cursor_id is null',
    [id],
  );
  const [run] = rows;
  if (run === undefined) return;
  await tx.query("select set_config('statement_timeout', $1, true)", [String(COUNT_MS)]);
  const counted = await tx.query<{ events: string }>(
    `select count(*) as events from rerating_runs r join usage_events e on ${selected(run.unpriced_only)}
      where r.id = $1 and (r.tenant_id is null or e.tenant_id = r.tenant_id)`,
    [id],
  );
  await tx.query('update rerating_runs set expected = $2 where id = $1 and expected is null', [
    id,
    counted.rows[0]?.events ?? '0',
  ]);
}

/** An open run as its next batch needs it. */
export interface RunRow {
  readonly id: string;
  readonly dry_run: boolean;
  readonly unpriced_only: boolean;
  readonly reason: string;
  readonly created_by: string;
  readonly tenant_id: string | null;
  readonly cursor_tenant: string | null;
  readonly cursor_time: Date | null;
  readonly cursor_id: string | null;
}

/** Takes an open run for this transaction; null where it is not open, or another process is at it. */
export async function takeRun(tx: Tx, id: string): Promise<RunRow | null> {
  const { rows } = await tx.query<RunRow>(
    `select id::text, dry_run, unpriced_only, reason, created_by, tenant_id, cursor_tenant, cursor_time, cursor_id
       from rerating_runs where id = $1 and status = 'running' for update skip locked`,
    [id],
  );
  return rows[0] ?? null;
}

/** Whether a run is open, whoever works on it. */
export async function isRunning(tx: Tx, id: string): Promise<boolean> {
  const { rows } = await tx.query("select 1 from rerating_runs where id = $1 and status = 'running'", [id]);
  return rows.length > 0;
}

/** What a batch did: `last` is the last event it saw, `longestMs` how long an earlier one took. */
export interface RunProgress {
  readonly last: Cursor;
  readonly scanned: number;
  readonly changed: number;
  readonly longestMs: number;
}

/** Moves a run's cursor behind a batch, in that batch's transaction. */
export async function noteProgress(
  tx: Tx,
  id: string,
  { last, scanned, changed, longestMs }: RunProgress,
): Promise<void> {
  await tx.query(
    `update rerating_runs set cursor_tenant = $2, cursor_time = $3, cursor_id = $4, scanned = scanned + $5,
            changed = changed + $6, longest_ms = greatest(longest_ms, $7) where id = $1`,
    [id, last.tenant, last.time, last.id, scanned, changed, Math.ceil(longestMs)],
  );
}

/** Whether any event has no price. */
export async function anyUnpriced(tx: Tx): Promise<boolean> {
  const { rows } = await tx.query('select 1 from usage_events where total_cost is null limit 1');
  return rows.length > 0;
}

/** Notes how long the longest transaction of a run took, milliseconds. */
export async function noteLongest(tx: Tx, id: string, ms: number): Promise<void> {
  await tx.query('update rerating_runs set longest_ms = greatest(longest_ms, $2) where id = $1', [
    id,
    Math.ceil(ms),
  ]);
}

export async function readRun(tx: Tx, id: string): Promise<Run | null> {
  const { rows } = await tx.query<Run>(`select ${RUN} from rerating_runs where id = $1`, [id]);
  return rows[0] ?? null;
}

/** Newest first, at most a hundred. */
export async function listRuns(tx: Tx): Promise<readonly Run[]> {
  const { rows } = await tx.query<Run>(
    `select ${RUN} from rerating_runs order by rerating_runs.created_at desc, id limit 100`,
  );
  return rows;
}

export async function openRuns(tx: Tx): Promise<readonly string[]> {
  const { rows } = await tx.query<{ id: string }>(
    "select id::text from rerating_runs where status = 'running' order by created_at, id",
  );
  return rows.map((row) => row.id);
}

/** Ends an open run; false where it is not open. */
export async function endRun(
  tx: Tx,
  id: string,
  status: Exclude<RunStatus, 'running'>,
  error: string | null = null,
): Promise<boolean> {
  const { rowCount } = await tx.query(
    `update rerating_runs set status = $2, error = $3, finished_at = now() where id = $1 and status = 'running'`,
    [id, status, error],
  );
  return rowCount === 1;
}

/** Differences by day and model, the largest first; at most a thousand. */
export async function readDifferences(tx: Tx, id: string): Promise<readonly DayDifference[]> {
  const { rows } = await tx.query<DayDifference>(
    `select tenant_id as tenant, day::text as day, provider, model, events::float8 as events, old_cost as old_usd,
            new_cost as new_usd, old_unpriced::float8 as old_unpriced, new_unpriced::float8 as new_unpriced
       from rerating_changes where run_id = $1
      order by abs(new_cost - old_cost) desc, day, tenant_id, provider, model limit 1000`,
    [id],
  );
  const plain = (usd: string) => printUsd(parseUsd(usd));
  return rows.map((row) => ({ ...row, old_usd: plain(row.old_usd), new_usd: plain(row.new_usd) }));
}
