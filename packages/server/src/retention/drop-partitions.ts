/** Drops months that lie below every tenant's watermark: their rows go without a delete and without dead tuples. */
import type { Database, Tx } from '../db/database.ts';
import { dropPartition, listPartitions, type Partition, partitionName } from '../db/schema/partitions.ts';
import { endReportingSessions } from '../db/schema/reporting-sessions.ts';
import { sqlState } from '../db/store-errors.ts';
import { deleteIds } from './delete-events.ts';

export interface Dropped {
  readonly months: readonly string[];
  /** End of the last month that is to go and is still there: in use just now, or not all its ids were gone in time. */
  readonly leftUntil: Date | null;
}

/** Every tenant's events begin at or after this instant, and every process has known it for a while; null: not so. */
export async function lowestWatermark(tx: Tx, graceMs: number): Promise<Date | null> {
  const { rows } = await tx.query<{ lowest: Date | null; all_set: boolean }>(
    `select min(events_from) as lowest,
            coalesce(bool_and(events_from is not null
                              and events_from_at <= now() - $1 * interval '1 millisecond'), false) as all_set
       from tenants`,
    [graceMs],
  );
  const [row] = rows;
  return row?.all_set === true ? row.lowest : null;
}

export async function dropPartitions(
  db: Database,
  options: {
    readonly graceMs: number;
    readonly signal: AbortSignal;
  },
): Promise<Dropped> {
  const { graceMs, signal } = options;
  const { lowest, tenants, partitions } = await db.asOperator(async (tx) => ({
    lowest: await lowestWatermark(tx, graceMs),
    tenants: (await tx.query<{ id: string }>('select id from tenants order by id collate "C"')).rows.map(
      ({ id }) => id,
    ),
    partitions: await listPartitions(tx),
  }));
  const doomed = lowest === null ? [] : partitions.filter(({ to }) => to <= lowest);
  const months: string[] = [];
  let leftUntil: Date | null = null;
  for (const partition of doomed) {
    const gone = (await forgetMonth(db, tenants, partition, signal)) && (await drop(db, partition, graceMs));
    if (gone) months.push(partition.month);
    else leftUntil = partition.to;
  }
  return { months, leftUntil };
}

/** False if the run ended before it was complete. */
async function forgetMonth(
  db: Database,
  tenants: readonly string[],
  range: Partition,
  signal: AbortSignal,
): Promise<boolean> {
  for (const tenant of tenants) {
    let after: Awaited<ReturnType<typeof deleteIds>> = null;
    do {
      if (signal.aborted) return false;
      after = await deleteIds(db, tenant, range, after);
    } while (after !== null);
  }
  return true;
}

/** Tries of a month before it is left to the next run. */
const ATTEMPTS = 5;

/**
 * Readers and writers wait for the drop as long as it takes to unlink files; the drop waits for them half a second at a
 * time. Sessions of reporting logins that block it are ended: an endless read must not keep data that has to be
 * deleted.
 */
async function drop(db: Database, partition: Partition, graceMs: number): Promise<boolean> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await db.asOwner((tx) => dropNow(tx, partition, graceMs));
    } catch (error) {
      if (sqlState(error) !== '55P03' && sqlState(error) !== '40P01') throw error;
      if (attempt === ATTEMPTS) return false; // locked just now: the next run tries again
    }
    const tables = ['tenants', 'usage_events', partitionName(partition.month)];
    await db.asOperator((tx) => endReportingSessions(tx, { tables }));
  }
}

/**
 * No tenant can be made or changed while its partition goes, so no event can have come in below a watermark that was not
 * looked at.
 */
async function dropNow(tx: Tx, partition: Partition, graceMs: number): Promise<boolean> {
  await tx.query("select set_config('lock_timeout', '500ms', true)");
  await tx.query('lock table tenants in share mode');
  // The tables' own role sees no row of them.
  await tx.query('set local role farthing_operator');
  const lowest = await lowestWatermark(tx, graceMs);
  await tx.query('reset role');
  if (lowest === null || partition.to > lowest) return false;
  await dropPartition(tx, partition.month);
  return true;
}
