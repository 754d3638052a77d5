/** One transaction on a pooled connection: begun, worked in, committed, or rolled back. */
import type pg from 'pg';
import { processIdOf, type Stop } from './stop.ts';
import { type OpenedWork, patient, transactionOn } from './tx.ts';

/** Limits of one transaction in addition to its pool's. */
export interface TransactBounds {
  /** Ends it before its time. */
  readonly stop?: Stop;
  /** How long an answer to any of its statements is waited for, milliseconds; the pool's own bound where absent. */
  readonly answerMs?: number;
}

/** How long the end of a silent connection's backend is waited for. */
const ENDING_MS = 2_000;

/** @param begin the statements that open it; the rows of the last one are handed to `work` */
export async function transact<Result>(
  pool: pg.Pool,
  begin: string,
  work: OpenedWork<Result>,
  { stop, answerMs }: TransactBounds = {},
): Promise<Result> {
  const client = await pool.connect();
  let broken: Error | boolean = false;
  // A connection that dies between two statements reports it here; unheard it would end the process.
  const onError = (error: Error) => {
    broken = error;
  };
  client.on('error', onError);
  try {
    stop?.watch(client);
    // One result per statement, where there are several.
    const begun: pg.QueryResult<object> | readonly pg.QueryResult<object>[] = await client.query(
      patient(begin, answerMs),
    );
    const opened = Array.isArray(begun) ? begun.at(-1)?.rows : undefined;
    const result = await work(transactionOn(client, { refuse: stop?.refuse, answerMs }), opened ?? []);
    stop?.refuse();
    await commit(client, answerMs);
    return result;
  } catch (error) {
    if (isReadTimeout(error)) {
      // The statement would keep the ROLLBACK waiting as long again, and Postgres does not notice a client that is
      // gone.
      broken = true;
      endBackend(pool, client);
    }
    if (!broken) {
      broken = await client.query(patient('rollback', answerMs)).then(
        () => false,
        () => true,
      );
    }
    throw stop?.reason() ?? error;
  } finally {
    // A late cancel request could hit the next statement, so such a connection is not reused.
    if (stop?.end() === true) broken = true;
    client.off('error', onError);
    client.release(broken);
  }
}

/** Ends the transaction of a connection that went silent, so that what it has locked is free for others. */
function endBackend(pool: pg.Pool, client: pg.PoolClient): void {
  const pid = processIdOf(client);
  if (pid === null) return;
  const statement = {
    text: `select pg_terminate_backend(pid) from pg_stat_activity
            where pid = $1 and usename = current_user and datname = current_database()
              and query_start < now() - interval '500 milliseconds'`,
    values: [pid],
    query_timeout: ENDING_MS,
  };
  // If the database does not answer that either, there is nothing to free.
  pool.query(statement).catch(() => undefined);
}

/** COMMIT of a transaction that a swallowed error has aborted rolls back silently: that must not pass for success. */
async function commit(client: pg.PoolClient, answerMs: number | undefined): Promise<void> {
  const { command } = await client.query(patient('commit', answerMs));
  if (command !== 'COMMIT') {
    throw new Error(
      'The transaction was rolled back: a statement in it failed and the error was not passed on.',
    );
  }
}

/** After node-postgres gives up waiting, the answer may still arrive: such a connection must not be used again. */
function isReadTimeout(error: unknown): boolean {
  return error instanceof Error && error.message.startsWith('Query read timeout');
}
