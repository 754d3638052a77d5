/** A transaction as work sees it. */
import type pg from 'pg';

/** A statement: its text, or text with a name to be prepared once per connection. */
export type Statement = string | { readonly name: string; readonly text: string };

/** What work may do inside its transaction. */
export interface Tx {
  /**
   * Runs one statement. int8, numeric and date (also as arrays) come as text, timestamptz as Date (milliseconds),
   * json and jsonb parsed. Arrays are passed as JavaScript arrays (`unnest($1::text[])`), json as text.
   */
  query<Row extends object = Record<string, unknown>>(
    statement: Statement,
    values?: readonly unknown[],
  ): Promise<{ readonly rows: Row[]; readonly rowCount: number }>;
}

export type Work<Result> = (tx: Tx) => Promise<Result>;

/** Work that is handed the rows of the last statement of its transaction's opening. */
export type OpenedWork<Result> = (tx: Tx, opened: readonly object[]) => Promise<Result>;

/**
 * What work for a transaction needs, on a connection of its own; whoever calls begins and ends the transaction.
 *
 * @param refuse called before each statement; throws where none may be sent any more
 */
export function transactionOn(client: pg.ClientBase, refuse?: () => void): Tx {
  return {
    async query<Row extends object>(statement: Statement, values?: readonly unknown[]) {
      refuse?.();
      const text = typeof statement === 'string' ? { text: statement } : statement;
      const result = await client.query<Row>(values === undefined ? text : { ...text, values: [...values] });
      return { rows: result.rows, rowCount: result.rowCount ?? 0 };
    },
  };
}
