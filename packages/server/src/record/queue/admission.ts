/** Admission to the queue. */
import { QUEUE_RESERVE } from '../limits.ts';

/** Approximate bytes of events that wait or are in a transaction. */
export interface Load {
  readonly bytes: number;
  /** Tenants that have any of them. */
  readonly tenants: number;
  bytesOf(tenant: string): number;
}

/**
 * Whether `bytes` more of a tenant are admitted. Any tenant may fill an idle queue. A full one has a reserve, a quarter
 * of `queueBytes` on top, for tenants that have less than an equal share of it. A first call is admitted whatever its
 * size.
 */
export function isAdmitted(load: Load, tenant: string, bytes: number, queueBytes: number): boolean {
  if (load.bytes === 0 || load.bytes + bytes <= queueBytes) return true;
  const own = load.bytesOf(tenant);
  const share = queueBytes / (load.tenants + (own === 0 ? 1 : 0));
  return own + bytes <= share && load.bytes + bytes <= queueBytes * (1 + QUEUE_RESERVE);
}
