/** Monthly partitions of usage_events, made when the first event of a month arrives. */
import type { Database, Tx } from '../database.ts';

/** 2020-01-01T00:00:00Z in Unix milliseconds: no event may lie before it. */
export const EARLIEST_EVENT_TIME = Date.UTC(2020, 0, 1);

/** A UTC month as `2026-11`. */
export type Month = `${number}-${string}`;

/** The UTC month of a time in Unix milliseconds. Refuses times before EARLIEST_EVENT_TIME. */
export function partitionMonth(time: number): Month {
  if (!(time >= EARLIEST_EVENT_TIME)) throw new RangeError(`Event time ${time} lies before 2020-01-01.`);
  return new Date(time).toISOString().slice(0, 7) as Month;
}

/** `partitionName('2026-11')` is `usage_events_y2026m11`. */
export function partitionName(month: Month): string {
  const [year, number] = month.split('-');
  return `usage_events_y${year}m${number}`;
}

export interface Partitions {
  /** Makes the partitions of these times (Unix milliseconds) exist; costs nothing for months already seen. */
  ensure(times: Iterable<number>): Promise<void>;
  /** Forgets a month whose partition was dropped. */
  forget(month: Month): void;
}

/**
 * Caches the months that have a partition, and creates missing ones in a separate transaction, so that the caller's
 * transaction never holds a lock on the parent table:
 *
 *     await partitions.ensure(events.map(({ time }) => time));
 */
export function createPartitions(database: Pick<Database, 'asOwner'>): Partitions {
  const known = new Set<Month>();
  return {
    async ensure(times) {
      const missing = new Set<Month>();
      let last = Number.NaN;
      for (const time of times) {
        const hour = Math.floor(time / 3_600_000); // months begin on the hour
        if (hour === last) continue;
        last = hour;
        const month = partitionMonth(time);
        if (!known.has(month)) missing.add(month);
      }
      if (missing.size === 0) return;
      const months = [...missing].sort();
      await database.asOwner((tx) => createPartitionTables(tx, months));
      for (const month of months) known.add(month);
    },
    forget(month) {
      known.delete(month);
    },
  };
}

export interface Partition {
  readonly month: Month;
  /** Half-open, UTC. */
  readonly from: Date;
  readonly to: Date;
}

/** The months that have a partition, in order. */
export async function listPartitions(tx: Tx): Promise<readonly Partition[]> {
  const { rows } = await tx.query<{ month: Month }>(
    `select regexp_replace(relname, '^usage_events_y(\\d{4})m(\\d{2})$', '\\1-\\2') as month
       from pg_inherits join pg_class c on c.oid = inhrelid
      where inhparent = 'usage_events'::regclass order by 1`,
  );
  return rows.map(({ month }) => ({
    month,
    from: new Date(`${month}-01T00:00:00Z`),
    to: new Date(nextMonth(month)),
  }));
}

/** The month of `time` (Unix milliseconds) and the `ahead` following ones, as times in them for `ensure`. */
export function monthsAhead(time: number, ahead: number): readonly number[] {
  const now = new Date(time);
  return Array.from({ length: ahead + 1 }, (_, index) =>
    Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + index, 1),
  );
}

/** Drops a month with all that is in it. As owner; set a lock_timeout first, since it waits for readers of the table. */
export async function dropPartition(tx: Tx, month: Month): Promise<void> {
  await tx.query(`drop table if exists ${partitionName(month)}`);
}

/** How long a process waits for another one that creates partitions, or for an administrator's VACUUM of the table. */
const LOCK_TIMEOUT = '5s';

/**
 * Each table is created detached from its parent and then attached, so that reads and writes of the parent go on.
 * Concurrent processes queue at a lock of the parent that no reader or writer needs and only its owner may take. The
 * second one then finds the table.
 */
export async function createPartitionTables(tx: Tx, months: readonly Month[]): Promise<void> {
  const { rows } = await tx.query<{ name: string }>(
    `select name from unnest($1::text[]) as name where to_regclass(name) is null`,
    [months.map(partitionName)],
  );
  if (rows.length === 0) return;
  await tx.query(`select set_config('lock_timeout', $1, true)`, [LOCK_TIMEOUT]);
  await tx.query('lock table usage_events in share update exclusive mode');
  for (const month of months) {
    const name = partitionName(month);
    const found = await tx.query<{ attached: boolean | null }>(
      'select relispartition as attached from pg_class where oid = to_regclass($1)',
      [name],
    );
    if (found.rows[0]?.attached === true) continue;
    const from = `${month}-01T00:00:00Z`;
    const to = nextMonth(month);
    await tx.query(`create table ${name} (${await packedColumns(tx)})`);
    // No role has rights on the partition itself, so all access goes through the parent's policies. If someone grants
    // it later, row-level security without a policy still hides every row.
    await tx.query(`alter table ${name} enable row level security`);
    await tx.query(`alter table ${name} force row level security`);
    await tx.query(
      `alter table usage_events attach partition ${name} for values from ('${from}') to ('${to}')`,
    );
  }
}

/**
 * The columns of `usage_events`, longest alignment first: a row wastes no bytes between them, 15 fewer than in the order in
 * which they were added. Indexes and checks come with attaching; a partition may order its columns as it likes.
 */
async function packedColumns(tx: Tx): Promise<string> {
  const { rows } = await tx.query<{ columns: string }>(
    `select string_agg(concat_ws(' ', quote_ident(attname), format_type(atttypid, atttypmod),
                                 'default ' || pg_get_expr(adbin, adrelid), case when attnotnull then 'not null' end), ', '
                       order by attlen < 0, array_position('{d,i,s,c}', attalign::text), attnum) as columns
       from pg_attribute left join pg_attrdef on adrelid = attrelid and adnum = attnum
      where attrelid = 'usage_events'::regclass and attnum > 0 and not attisdropped`,
  );
  const [row] = rows;
  if (row === undefined) throw new Error('usage_events has no columns: run the migrations.');
  return row.columns;
}

function nextMonth(month: Month): string {
  const start = new Date(`${month}-01T00:00:00Z`);
  start.setUTCMonth(start.getUTCMonth() + 1);
  return start.toISOString();
}
