/**
 * Access to Postgres. Every piece of work is one transaction under one of three roles, so that row-level security holds
 * whatever the connecting role may do.
 */
import pg from 'pg';
import { presentAsker } from './asker.ts';
import { createListener, type Listen } from './listener.ts';
import type { Log } from './log.ts';
import { createStops } from './stop.ts';
import { transact } from './transact.ts';
import { type CallerTurns, createTurns, type TurnsStatus } from './turns.ts';
import type { OpenedWork, Work } from './tx.ts';
import { columnTypes } from './types.ts';

/** How long a transaction of the write path may hold others up, milliseconds. */
export interface WriteBounds {
  /**
   * A statement past this is cancelled (57014). If the database ignores that too, its connection is abandoned soon
   * after.
   */
  readonly statementMs: number;
  /** Waiting for one lock longer than this gives up (55P03). */
  readonly lockMs: number;
}

/** Time beyond a statement's limit after which its connection counts as dead and is closed. */
const SILENCE_MS = 1_000;

export type { Log } from './log.ts';
export type { OpenedWork, Statement, Tx, Work } from './tx.ts';

export interface DatabaseHealth {
  readonly ok: boolean;
  /** Time of one `select 1`, milliseconds; null when it failed. */
  readonly latencyMs: number | null;
  readonly error: string | null;
  readonly connections: { readonly total: number; readonly idle: number; readonly waiting: number };
}

/**
 * Transactions by role. Each call takes one pooled connection, commits when `work` resolves, rolls back and rethrows
 * when it rejects. Nothing is retried here; `isStoreUnavailable(error)` tells the caller whether a retry makes sense.
 */
export interface Database {
  /**
   * One tenant's rows, or with null every tenant's, read only. Waits for its turn among readers (`turns.ts`), and is
   * cancelled when it takes too long or its caller has left. `opening`: fixed statements without values, sent together
   * with `begin`: a round trip takes as long as many a query.
   *
   * @throws AppError `rate_limited`, `overloaded` when it reads for a caller (`asker.ts`)
   */
  asReader<Result>(tenant: string | null, work: OpenedWork<Result>, opening?: string): Promise<Result>;
  /** Every tenant's rows: administration, key look-up, proofs. On behalf of a caller it waits for its turn. */
  asOperator<Result>(work: Work<Result>): Promise<Result>;
  /** The write path. (COPY FROM is not possible under row-level security: use `insert … select from unnest`.) */
  asWriter<Result>(work: Work<Result>, bounds?: WriteBounds): Promise<Result>;
  /** The connecting role itself: schema changes, partitions, restore. Never for requests. */
  asOwner<Result>(work: Work<Result>): Promise<Result>;
  /** Wakes up when there is something new of a topic, across reconnects. */
  listen: Listen;
  health(): Promise<DatabaseHealth>;
  /** Numbers of running, waiting and refused reads. */
  reads(): TurnsStatus;
  close(): Promise<void>;
}

export interface DatabaseOptions {
  readonly connectionString: string;
  /** Connections in all; a third is kept for reading, so that dashboards cannot starve the write path. Default 12. */
  readonly max?: number;
  /** A statement past this is cancelled, and a read with all its statements. Default 30 000. */
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
  const readerPlaces = Math.max(1, Math.floor(max / 3));
  const writerPlaces = Math.max(1, max - readerPlaces);
  const readers = new pg.Pool({ ...shared, max: readerPlaces });
  const writers = new pg.Pool({ ...shared, max: writerPlaces });
  const reading = createTurns({ places: readerPlaces });
  // Callers never take the last connections of the write path.
  const operating = createTurns({ places: Math.max(1, writerPlaces - 2) });
  let closing = false;
  for (const pool of [readers, writers]) {
    pool.on('error', (error) => {
      // A server that stops right behind us may be faster than the end of a connection.
      if (!closing) log.warn({ error: error.message }, 'Idle database connection lost');
    });
    // A dying server can send an error before the work has a listener on the connection. Without this listener that
    // error would end the process. The work's first statement still fails.
    pool.on('connect', (client) => client.on('error', () => undefined));
  }
  const listener = createListener({ connectionString, log });
  const stopping = createStops({
    limitMs: statementTimeoutMs,
    cancel: async (processId) => {
      await writers.query('select pg_cancel_backend($1)', [processId]);
    },
  });

  return {
    asReader: (tenant, work, opening = '') =>
      inTurn(reading, tenant, (gone) =>
        stopping(gone, (stop) =>
          transact(readers, `begin read only; ${scopeOf(tenant)}; ${opening}`, work, { stop }),
        ),
      ),
    asOperator: (work) =>
      presentAsker() === null
        ? transact(writers, 'begin; set local role farthing_operator', work)
        : inTurn(operating, null, () => transact(writers, 'begin; set local role farthing_operator', work)),
    asWriter: (work, bounds) =>
      bounds === undefined
        ? transact(writers, 'begin; set local role farthing_writer', work)
        : transact(writers, boundedBegin(bounds), work, { answerMs: bounds.statementMs + SILENCE_MS }),
    asOwner: (work) => transact(writers, 'begin', work),
    listen: listener.listen,
    health: () => checkHealth(readers, writers),
    reads: () => reading.status(),
    close: async () => {
      closing = true;
      await Promise.all([listener.close(), readers.end(), writers.end()]);
    },
  };
}

function boundedBegin({ statementMs, lockMs }: WriteBounds): string {
  return `begin; set local role farthing_writer; set local statement_timeout = ${Math.ceil(statementMs)}; set local lock_timeout = ${Math.ceil(lockMs)}`;
}

/** Rows that a reader's transaction may see. */
const scopeOf = (tenant: string | null): string =>
  tenant === null
    ? 'set local role farthing_operator'
    : `set local role farthing_reader; set local farthing.tenant = ${pg.escapeLiteral(tenant)}`;

/** Waits for a turn of the caller. The server's own reads count as reads of the tenant they read. */
async function inTurn<Result>(
  turns: CallerTurns,
  tenant: string | null,
  work: (gone: AbortSignal | undefined) => Promise<Result>,
): Promise<Result> {
  const asking = presentAsker();
  const own = { tenant, key: 'server', kind: 'report' } as const;
  const end = await (asking === null
    ? turns.take(own).catch(asUnavailable)
    : turns.take({ ...asking.asker, kind: asking.kind }, asking.asker.gone));
  try {
    return await work(asking?.asker.gone);
  } finally {
    end();
  }
}

/** A job has no caller to refuse, so it gets the error of a busy database, as with too many connections. */
function asUnavailable(error: unknown): never {
  throw Object.assign(new Error('No connection to the database was free in time.', { cause: error }), {
    code: '53300',
  });
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
