/** A tenant's reporting zone defines its days: changing it recuts them. */
import type { Database } from '../db/database.ts';
import { type RollupComparison, repairDays } from './compare.ts';
import { rebuildPieces } from './find-pieces.ts';
import { holdRepairs } from './repair-lock-store.ts';

/**
 * Sets the zone and recuts every day row in one transaction: a reader sees the old days or the new ones. Writers wait
 * at the day rollups until it ends; one that had cut its days by the old zone detects that and cuts them again.
 *
 * Refuses (RangeError) a zone that the platform does not know.
 *
 * @example await setTenantZone(db, 'acme', 'Asia/Kathmandu');
 */
export async function setTenantZone(db: Database, tenant: string, zone: string): Promise<RollupComparison> {
  new Intl.DateTimeFormat('en', { timeZone: zone });
  return db.asOperator(async (tx) => {
    await holdRepairs(tx, tenant);
    // Waits for the transactions that have added days, and makes those to come wait.
    await tx.query('lock table rollups_day in share row exclusive mode');
    await tx.query('update tenants set time_zone = $2 where id = $1', [tenant, zone]);
    const pieces = await rebuildPieces(tx, tenant, { from: null, to: null });
    const [first, last] = [pieces[0], pieces.at(-1)];
    if (first === undefined || last === undefined) return { compared: 0, different: 0, first: null };
    return repairDays(tx, { tenant, from: first.from, to: last.to });
  });
}
