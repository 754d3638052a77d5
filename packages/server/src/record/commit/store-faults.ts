/** Classifies failures of a transaction by cause. */
import { isStoreUnavailable, sqlState } from '../../db/store-errors.ts';

/**
 * `away`: the store cannot be reached or takes nothing now, whatever it is asked. `contention`: the same transaction may
 * pass when repeated. `data`: some event in it cannot be stored. `blocked`: rows that it needs are locked by others.
 * `doubt`: the store gave up on this work or broke under it; it may be away, or this batch may be too much for it. Only
 * asking it something else can tell. `fault`: a table, a column or a right is missing, most likely for every event.
 */
export type StoreFault = 'away' | 'contention' | 'data' | 'blocked' | 'doubt' | 'fault';

/** Error codes that prove that nothing can be written now. */
const CERTAINLY_AWAY = new Set([
  'ECONNREFUSED',
  'ENOENT',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  '57P03', // starting up or recovering
  '53300', // no connection left
  '53100', // disk full
  '58030', // the disk fails
  '25006', // read-only: a standby, or a fail-over under way
]);

/** There was no connection, so the work cannot be the cause. */
const NEVER_CONNECTED =
  /^(timeout exceeded when trying to connect|Cannot use a pool after calling end|the database has been closed)/i;

export function storeFault(error: unknown): StoreFault {
  if (isCertainlyAway(error)) return 'away';
  const state = sqlState(error);
  if (state === '55P03') return 'blocked';
  if (isStoreUnavailable(error)) return 'doubt'; // time-outs, broken connections, out of memory
  if (error instanceof RangeError) return 'data';
  if (state === null) return 'doubt'; // our own code stumbled over one of the events
  if (state === '40001' || state === '40P01') return 'contention';
  // 21 cardinality, 22 data, 23 constraint, 54 limits (an index entry too long)
  if (/^(21|22|23|54)/.test(state)) return 'data';
  // 0A, 28, 3D, 3F, 42: a table, a column or a right is missing
  return /^(0A|28|3D|3F|42)/.test(state) ? 'fault' : 'doubt';
}

function isCertainlyAway(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  if (error instanceof AggregateError && error.errors.some(isCertainlyAway)) return true;
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  if (CERTAINLY_AWAY.has(code) || NEVER_CONNECTED.test(error.message)) return true;
  return error.cause !== undefined && isCertainlyAway(error.cause);
}

/** True if no database is reachable: the work before may have crashed it. */
export function isUnreachable(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  if (error instanceof AggregateError && error.errors.some(isUnreachable)) return true;
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  return (
    code === 'ECONNREFUSED' ||
    code === '57P03' ||
    (code === 'ENOENT' && 'syscall' in error && error.syscall === 'connect')
  );
}

/** True for a connection that broke while it was at work: worth one try on another. */
export function isBrokenConnection(error: unknown): boolean {
  return (
    isStoreUnavailable(error) && !isCertainlyAway(error) && !isTimeUp(error) && sqlState(error) !== '53200'
  );
}

/** True if the work exceeded its time limit. */
export function isTimeUp(error: unknown): boolean {
  return (
    sqlState(error) === '57014' || (error instanceof Error && error.message.startsWith('Query read timeout'))
  );
}

/** True for our own mistake: it would come again whenever the same work is tried. */
export function isDefect(error: unknown): boolean {
  const fault = storeFault(error);
  return fault === 'fault' || (fault === 'doubt' && !isStoreUnavailable(error));
}
