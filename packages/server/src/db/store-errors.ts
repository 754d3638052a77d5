/** The one place that decides which errors mean "the store is unavailable". */

const UNAVAILABLE_SYSTEM_CODES = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ECONNABORTED',
  'ENOENT', // the Unix socket is gone
  'ENOTFOUND',
  'EAI_AGAIN',
  'EPIPE',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENETUNREACH',
]);

const UNAVAILABLE_SQLSTATES = new Set([
  '57P01', // admin_shutdown
  '57P02', // crash_shutdown
  '57P03', // cannot_connect_now: starting up or recovering
  '57P05', // idle_session_timeout
  '53300', // too_many_connections
  '53100', // disk_full
  '53200', // out_of_memory
  '57014', // query_canceled: past the statement's time limit
  '55P03', // lock_not_available: past the lock's time limit
  '25P03', // idle_in_transaction_session_timeout
  '58030', // io_error
  '25006', // read_only_sql_transaction: a standby, or a fail-over under way
]);

/** node-postgres reports these without a code. */
const UNAVAILABLE_MESSAGES =
  /^(Connection terminated|timeout exceeded when trying to connect|Query read timeout|Client was closed|Client has encountered a connection error|Cannot use a pool after calling end|the database has been closed)/i;

/**
 * True when the database could not be reached or could not answer: refused or broken connections, shutdown,
 * recovery, exhausted connections, time-outs. The work may or may not have been committed when the connection
 * broke during COMMIT, so only idempotent work may be repeated.
 *
 * False for errors of the statement itself (constraints, syntax, permissions, deadlock).
 */
export function isStoreUnavailable(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  if (error instanceof AggregateError && error.errors.some(isStoreUnavailable)) return true;
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  if (UNAVAILABLE_SYSTEM_CODES.has(code) || UNAVAILABLE_SQLSTATES.has(code)) return true;
  if (code.length === 5 && code.startsWith('08')) return true;
  if (UNAVAILABLE_MESSAGES.test(error.message)) return true;
  return error.cause !== undefined && isStoreUnavailable(error.cause);
}

/** The SQLSTATE of a Postgres error, or null: `sqlState(error) === '23505'`. */
export function sqlState(error: unknown): string | null {
  if (!(error instanceof Error) || !('code' in error) || typeof error.code !== 'string') return null;
  return /^[0-9A-Z]{5}$/.test(error.code) ? error.code : null;
}
