/** Loading without indexes: they are taken off and made again, the very same, once the rows are there. */
import type pg from 'pg';

interface TakenOff {
  readonly table: string;
  readonly name: string;
  readonly definition: string;
  /** Text of the constraint that the index serves; null for a plain one. */
  readonly key: string | null;
}

/** Indexes of a table, of its partitions too where it has some; gives what makes them again. */
export async function takeOffIndexes(
  client: pg.Client,
  tables: readonly string[],
): Promise<() => Promise<void>> {
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
  return async () => {
    await client.query("set maintenance_work_mem = '1GB'");
    for (const { table, name, definition, key } of rows) {
      await client.query(
        key === null
          ? definition.replace(' ON ONLY ', ' ON ')
          : `alter table ${table} add constraint ${name} ${key}`,
      );
    }
  };
}
