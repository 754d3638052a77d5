/**
 * The door to Postgres. Every piece of work is one transaction under one of three roles, so that row-level
 * security holds whatever the connecting role may do.
 */
import pg from 'pg';
import { createListener, type Listen } from './listener.ts';
import type { Log } from './log.ts';
import { columnTypes } from './types.ts';

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

/** How long a transaction of the write path may hold others up, milliseconds. */
export interface WriteBounds {
  /** A statement past this is cancelled (57014); one that does not even listen to that is left alone soon after. */
  readonly statementMs: number;
  /** Waiting for one lock longer than this gives up (55P03). */
  readonly lockMs: number;
}

/** What a bounded statement is given on top before the connection counts as silent and is closed. */
const SILENCE_MS = 1_000;
const ENDING_MS = 2_000;

/** Work that is handed the rows of the last statement of its transaction's opening. */
export type OpenedWork<Result> = (tx: Tx, opened: readonly object[]) => Promise<Result>;

export type { Log } from './log.ts';

export interface DatabaseHealth {
  readonly ok: boolean;
  /** Time of one `select 1`, milliseconds; null when it failed. */
  readonly latencyMs: number | null;
  readonly error: string | null;
  readonly connections: { readonly total: number; readonly idle: number; readonly waiting: number };
}

/**
 * Transactions by role. Each call takes one pooled connection, commits when `work` resolves, rolls back and rethrows
 * when it rejects. Nothing is retried here: `isStoreUnavailable(error)` tells the caller what may be.
 */
export interface Database {
  /**
   * One tenant's rows, read only. `opening`: fixed statements, no values in them, that travel with the beginning; a
   * round trip takes as long as many a question.
   */
  asReader<Result>(tenant: string, work: OpenedWork<Result>, opening?: string): Promise<Result>;
  /** Every tenant's rows: administration, key look-up, invariant checks. `opening` as above. */
  asOperator<Result>(work: OpenedWork<Result>, opening?: string): Promise<Result>;
  /** The write path. (COPY FROM is not possible under row-level security: use `insert … select from unnest`.) */
  asWriter<Result>(work: Work<Result>, bounds?: WriteBounds): Promise<Result>;
  /** The connecting role itself: schema changes, partitions, restore. Never for requests. */
  asOwner<Result>(work: Work<Result>): Promise<Result>;
  /** Calls `onPayload` for each NOTIFY on the channel, across reconnects (a lost connection can lose some). */
  listen: Listen;
  health(): Promise<DatabaseHealth>;
  close(): Promise<void>;
}

export interface DatabaseOptions {
  readonly connectionString: string;
  /** Connections in all; a third is kept for reading, so that dashboards cannot starve the write path. Default 12. */
  readonly max?: number;
  /** A statement past this is cancelled. Default 30 000. */
  readonly statementTimeoutMs?: number;
  /** Waiting for a free connection longer than this fails as "unavailable". Default 5 000. */
  readonly connectTimeoutMs?: number;
  readonly log: Log;
}

/**
 * Opens the pools; connects on first use.
 *
 *     const database = createDatabase({ connectionString, log });
 *     await database.asReader('acme', (tx) => tx.query('select count(*) from usage_events'));
 */
export function createDatabase(options: DatabaseOptions): Database {
  const { connectionString, log, max = 12, statementTimeoutMs = 30_000, connectTimeoutMs = 5_000 } = options;
  const shared = {
    connectionString,
    types: columnTypes,
    application_name: 'farthing',
    keepAlive: true,
    connectionTimeoutMillis: connectTimeoutMs,
    idleTimeoutMillis: 60_000,
    statement_timeout: statementTimeoutMs,
    // The server cancels first; this one catches a connection that went silent.
    query_timeout: statementTimeoutMs + 5_000,
    idle_in_transaction_session_timeout: statementTimeoutMs + 30_000,
  };
  const readers = new pg.Pool({ ...shared, max: Math.max(1, Math.floor(max / 3)) });
  const writers = new pg.Pool({ ...shared, max: Math.max(1, max - Math.max(1, Math.floor(max / 3))) });
  let closing = false;
  for (const pool of [readers, writers]) {
    pool.on('error', (error) => {
      // A server that stops right behind us may be faster than the end of a connection.
      if (!closing) log.warn({ error: error.message }, 'Idle database connection lost');
    });
    // A dying server can send its last word in the packet that hands the connection over, before any listener of the
    // work is there; unheard it would end the process. The work's first statement fails all the same.
    pool.on('connect', (client) => client.on('error', () => undefined));
  }
  const listener = createListener({ connectionString, log });

  return {
    asReader: (tenant, work, opening = '') =>
      transact(
        readers,
        `begin read only; set local role farthing_reader; set local farthing.tenant = ${pg.escapeLiteral(tenant)}; ${opening}`,
        work,
      ),
    asOperator: (work, opening = '') =>
      transact(writers, `begin; set local role farthing_operator; ${opening}`, work),
    asWriter: (work, bounds) =>
      bounds === undefined
        ? transact(writers, 'begin; set local role farthing_writer', work)
        : transact(writers, boundedBegin(bounds), work, bounds.statementMs + SILENCE_MS),
    asOwner: (work) => transact(writers, 'begin', work),
    listen: listener.listen,
    health: () => checkHealth(readers, writers),
    close: async () => {
      closing = true;
      await Promise.all([listener.close(), readers.end(), writers.end()]);
    },
  };
}

function boundedBegin({ statementMs, lockMs }: WriteBounds): string {
  return `begin; set local role farthing_writer; set local statement_timeout = ${Math.ceil(statementMs)}; set local lock_timeout = ${Math.ceil(lockMs)}`;
}

/** `answerMs`: how long an answer to any of its statements is waited for; the pool's own bound where absent. */
async function transact<Result>(
  pool: pg.Pool,
  begin: string,
  work: OpenedWork<Result>,
  answerMs?: number,
): Promise<Result> {
  const client = await pool.connect();
  let broken: Error | boolean = false;
  // A connection that dies between two statements reports it here; unheard it would end the process.
  const onError = (error: Error) => {
    broken = error;
  };
  client.on('error', onError);
  try {
    // One result per statement, where there are several.
    const begun: pg.QueryResult<object> | readonly pg.QueryResult<object>[] = await client.query(
      patient(begin, answerMs),
    );
    const opened = Array.isArray(begun) ? begun.at(-1)?.rows : undefined;
    const result = await work(transactionOn(client, answerMs), opened ?? []);
    await commit(client, answerMs);
    return result;
  } catch (error) {
    if (isReadTimeout(error)) {
      // It would keep the ROLLBACK waiting as long again, and Postgres does not notice that nobody listens any more.
      broken = true;
      endBackend(pool, client);
    }
    if (!broken) {
      broken = await client.query(patient('rollback', answerMs)).then(
        () => false,
        () => true,
      );
    }
    throw error;
  } finally {
    client.off('error', onError);
    client.release(broken);
  }
}

/** Ends the transaction of a connection that went silent, so that what it has locked is free for others. */
function endBackend(pool: pg.Pool, client: pg.PoolClient): void {
  const pid: unknown = Reflect.get(client, 'processID');
  if (typeof pid !== 'number') return;
  const statement = {
    text: `select pg_terminate_backend(pid) from pg_stat_activity
            where pid = $1 and usename = current_user and datname = current_database()
              and query_start < now() - interval '500 milliseconds'`,
    values: [pid],
    query_timeout: ENDING_MS,
  };
  // Where the database does not answer that either, there is nothing to be freed.
  pool.query(statement).catch(() => undefined);
}

/** COMMIT of a transaction that a swallowed error has aborted rolls back silently: that must not pass for success. */
async function commit(client: pg.PoolClient, answerMs?: number): Promise<void> {
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

/** A statement with how long its answer is waited for; node-postgres reads the bound from there. */
function patient(statement: Statement, answerMs: number | undefined): pg.QueryConfig {
  const config = typeof statement === 'string' ? { text: statement } : statement;
  return answerMs === undefined ? config : { ...config, ...{ query_timeout: answerMs } };
}

function transactionOn(client: pg.PoolClient, answerMs?: number): Tx {
  return {
    async query<Row extends object>(statement: Statement, values?: readonly unknown[]) {
      const text = patient(statement, answerMs);
      const result = await client.query<Row>(values === undefined ? text : { ...text, values: [...values] });
      return { rows: result.rows, rowCount: result.rowCount ?? 0 };
    },
  };
}

async function checkHealth(readers: pg.Pool, writers: pg.Pool): Promise<DatabaseHealth> {
  const started = performance.now();
  const error = await writers.query('select 1').then(
    () => null,
    (reason: unknown) => (reason instanceof Error ? reason.message : String(reason)),
  );
  return {
    ok: error === null,
    latencyMs: error === null ? performance.now() - started : null,
    error,
    connections: {
      total: readers.totalCount + writers.totalCount,
      idle: readers.idleCount + writers.idleCount,
      waiting: readers.waitingCount + writers.waitingCount,
    },
  };
}
