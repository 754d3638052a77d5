/** The ledger's tables, read from the catalogue. */
import type pg from 'pg';

export interface Table {
  readonly name: string;
  /** Columns that hold data (generated ones do not). */
  readonly columns: readonly string[];
  /** Identity columns, whose sequences follow a restore. */
  readonly identity: readonly string[];
  readonly forcesRowSecurity: boolean;
}

/** Tables that are about processes at work, not about the ledger: a backup leaves them out, a restore leaves them alone. */
export const OF_THE_PROCESSES: readonly string[] = [
  'schema_migrations',
  'wake_ups',
  'recent_commits',
  'repair_locks',
  'job_locks',
];

/** Tables of the current schema that hold the ledger, each after those that it refers to; partitions count as their parent. */
export async function listTables(client: pg.Client): Promise<readonly Table[]> {
  const { rows } = await client.query<Table & { readonly refers: readonly string[] }>(
    `select c.relname::text as name, c.relforcerowsecurity as "forcesRowSecurity",
            array(select attname::text from pg_attribute
                   where attrelid = c.oid and attnum > 0 and not attisdropped and attgenerated = '' order by attnum) as columns,
            array(select attname::text from pg_attribute
                   where attrelid = c.oid and attnum > 0 and not attisdropped and attidentity <> '') as identity,
            array(select distinct confrelid::regclass::text from pg_constraint
                   where conrelid = c.oid and contype = 'f' and confrelid <> c.oid) as refers
       from pg_class c
      where c.relnamespace = current_schema()::regnamespace and c.relkind in ('r', 'p') and not c.relispartition
        and c.relname <> all ($1)
      order by c.relname`,
    [OF_THE_PROCESSES],
  );
  const ordered: Table[] = [];
  const placed = new Set<string>();
  let waiting = rows;
  while (waiting.length > 0) {
    const ready = waiting.filter(({ refers }) => refers.every((name) => placed.has(name)));
    if (ready.length === 0)
      throw new Error(`Foreign keys in a circle: ${waiting.map(({ name }) => name).join(', ')}.`);
    for (const table of ready) placed.add(table.name);
    ordered.push(...ready);
    waiting = waiting.filter((table) => !ready.includes(table));
  }
  return ordered;
}
