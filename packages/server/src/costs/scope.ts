/** The tenants whose figures are read, and the store that answers. */
import type { Tx } from '../db/database.ts';
import type { CostStore } from './cost-store.ts';
import type { ScopedTenant } from './scoped-tenant.ts';

/** The store that figures are read from, and their tenants. */
export interface CostScope {
  readonly costs: CostStore;
  readonly tenants: readonly ScopedTenant[];
  /** The tenants' reporting zone, or UTC where they have several. */
  readonly timezone: string;
}

/** A scope within a transaction, for what is no figure: agents, thresholds, price cards. */
export interface ReadScope extends CostScope {
  readonly tx: Tx;
}
