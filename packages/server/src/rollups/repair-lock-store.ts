/** `repair_locks`: one row per tenant whose sums were ever repaired, to be held by one at a time. */
import type { Tx } from '../db/database.ts';

/** Until the transaction ends nobody else repairs this tenant's rollups, moves its days, or erases from them. */
export async function holdRepairs(tx: Tx, tenant: string): Promise<void> {
  await tx.query('insert into repair_locks (tenant_id) values ($1) on conflict do nothing', [tenant]);
  await tx.query('select 1 from repair_locks where tenant_id = $1 for update', [tenant]);
}
