/** Looks up the object ids of the row types. */
import type { Tx } from '../../db/database.ts';
import { ROW_TYPES, type RowTypes } from './row-types.ts';

/** Looks the ids up once, with the first transaction that needs them. */
export function createRowTypes(): (tx: Tx) => Promise<RowTypes> {
  let known: RowTypes | null = null;
  return async (tx) => {
    known ??= await look(tx);
    return known;
  };
}

async function look(tx: Tx): Promise<RowTypes> {
  const { rows } = await tx.query<{ name: string; id: string }>(
    'select name, name::regtype::oid::text as id from unnest($1::text[]) as name',
    [Object.values(ROW_TYPES)],
  );
  const ids = new Map(rows.map(({ name, id }) => [name, Number(id)]));
  const idOf = (name: string): number => {
    const id = ids.get(name);
    if (id === undefined) throw new Error(`The row type ${name} is missing: run the migrations.`);
    return id;
  };
  return {
    eventId: idOf(ROW_TYPES.eventId),
    event: idOf(ROW_TYPES.event),
    quarterHour: idOf(ROW_TYPES.quarterHour),
    day: idOf(ROW_TYPES.day),
  };
}
