/** A transaction as work sees it. */
import type pg from 'pg';

/** A statement: its text, or text with a name to be prepared once per connection. */
export type Statement = string | { readonly name: string; readonly text: string };

/** Operations on a transaction. */
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

/** Settings for each statement of a transaction. */
export interface StatementTerms {
  /** Called before each statement; throws if no more may be sent. */
  readonly refuse?: (() => void) | undefined;
  /** How long an answer is waited for, milliseconds; the connection's own bound where absent. */
  readonly answerMs?: number | undefined;
}

/** The transaction's interface over a connection; the caller begins and ends the transaction. */
export function transactionOn(client: pg.ClientBase, { refuse, answerMs }: StatementTerms = {}): Tx {
  return {
    async query<Row extends object>(statement: Statement, values?: readonly unknown[]) {
      refuse?.();
      const text = patient(statement, answerMs);
      const result = await client.query<Row>(values === undefined ? text : { ...text, values: [...values] });
      return { rows: result.rows, rowCount: result.rowCount ?? 0 };
    },
  };
}

/** A statement with how long its answer is waited for; node-postgres reads the bound from there. */
export function patient(statement: Statement, answerMs: number | undefined): pg.QueryConfig {
  const config = typeof statement === 'string' ? { text: statement } : statement;
  return answerMs === undefined ? config : { ...config, ...{ query_timeout: answerMs } };
}
