/** Which failures of a transaction are whose fault. */
import { isStoreUnavailable, sqlState } from '../db/store-errors.ts';

/**
 * `away`: the store cannot be reached or cannot take anything now. `contention`: the same transaction may pass when
 * repeated. `data`: some event in it cannot be stored. `fault`: anything else, a defect.
 */
export type StoreFault = 'away' | 'contention' | 'data' | 'fault';

export function storeFault(error: unknown): StoreFault {
  if (isStoreUnavailable(error)) return 'away';
  if (error instanceof RangeError) return 'data';
  const state = sqlState(error);
  if (state === null) return 'fault';
  if (state === '40001' || state === '40P01') return 'contention';
  if (state === '57014') return 'away'; // statement time-out: it does not answer
  // 21 cardinality, 22 data, 23 constraint, 54 limits (an index entry too long)
  return /^(21|22|23|54)/.test(state) ? 'data' : 'fault';
}
