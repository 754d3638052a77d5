/** Loading without indexes: they are taken off and made again, the very same, once the rows are there. */
import type pg from 'pg';

interface TakenOff {
  readonly table: string;
  readonly name: string;
  readonly definition: string;
  /** Text of the constraint that the index serves; null for a plain one. */
  readonly key: string | null;
}

/**
 * Indexes of tables, of their partitions too where they have some; gives what makes them again, one table per
 * connection at a time.
 */
export async function takeOffIndexes(
  client: pg.Client,
  tables: readonly string[],
): Promise<(clients: readonly pg.Client[]) => Promise<void>> {
  const { rows } = await client.query<TakenOff>(
    `select i.indrelid::regclass::text as table, i.indexrelid::regclass::text as name,
            pg_get_indexdef(i.indexrelid) as definition, pg_get_constraintdef(c.oid) as key
       from pg_index i left join pg_constraint c on c.conindid = i.indexrelid and c.contype = 'p' and c.conrelid = i.indrelid
      where i.indrelid = any($1::regclass[])`,
    [tables],
  );
  for (const { table, name, key } of rows) {
    await client.query(key === null ? `drop index ${name}` : `alter table ${table} drop constraint ${name}`);
  }
  return async (clients) => {
    const waiting = [...Map.groupBy(rows, (row) => row.table).values()];
    const work = async (one: pg.Client) => {
      await one.query("set maintenance_work_mem = '1GB'; set max_parallel_maintenance_workers = 0");
      for (let indexes = waiting.shift(); indexes !== undefined; indexes = waiting.shift()) {
        for (const index of indexes) await one.query(again(index));
      }
    };
    await Promise.all(clients.map(work));
  };
}

const again = ({ table, name, definition, key }: TakenOff): string =>
  key === null
    ? definition.replace(' ON ONLY ', ' ON ')
    : `alter table ${table} add constraint ${name} ${key}`;
