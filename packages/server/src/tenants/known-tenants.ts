/** A cache of existing tenants: checked for every event that names one. */
import type { TenantStore } from './store.ts';
import { DEFAULT_TENANT } from './tenant.ts';

export interface KnownTenants {
  /** True for a tenant that exists. Tenants are never removed, so a yes is remembered for good; a no is not. */
  exists(id: string): Promise<boolean>;
}

export function createKnownTenants(store: Pick<TenantStore, 'findTenant'>): KnownTenants {
  const known = new Set<string>([DEFAULT_TENANT]);
  return {
    async exists(id) {
      if (known.has(id)) return true;
      if ((await store.findTenant(id)) === null) return false;
      known.add(id);
      return true;
    },
  };
}
