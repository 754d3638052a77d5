/** The object ids of the write path's row types; they differ from database to database. */
import type { Tx } from '../db/database.ts';

export interface RowTypes {
  readonly event_id_row: number;
  readonly usage_event_row_5: number;
  readonly rollup_15m_row_4: number;
  readonly rollup_day_row_4: number;
}

/** Looks the ids up once, with the first transaction that needs them. */
export function createRowTypes(): (tx: Tx) => Promise<RowTypes> {
  let known: RowTypes | null = null;
  return async (tx) => {
    known ??= await look(tx);
    return known;
  };
}

async function look(tx: Tx): Promise<RowTypes> {
  const { rows } = await tx.query<Record<keyof RowTypes, string>>(
    `select 'event_id_row'::regtype::oid::text as event_id_row,
            'usage_event_row_5'::regtype::oid::text as usage_event_row_5,
            'rollup_15m_row_4'::regtype::oid::text as rollup_15m_row_4,
            'rollup_day_row_4'::regtype::oid::text as rollup_day_row_4`,
  );
  const row = rows[0];
  if (row === undefined) throw new Error('The row types are missing: run the migrations.');
  return {
    event_id_row: Number(row.event_id_row),
    usage_event_row_5: Number(row.usage_event_row_5),
    rollup_15m_row_4: Number(row.rollup_15m_row_4),
    rollup_day_row_4: Number(row.rollup_day_row_4),
  };
}
