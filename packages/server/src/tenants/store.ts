/** Interface of tenants and keys in the database; see the functions for what each refuses. */
import type { ApiKey, Identity, Role } from './api-key.ts';
import type { Tenant } from './tenant.ts';

export interface NewTenant {
  readonly id: string;
  readonly name?: string | undefined;
  readonly timeZone?: string | undefined;
}

export interface NewKey {
  readonly name: string;
  readonly role: Role;
  /** Required for a tenant key, refused for an admin key. */
  readonly tenantId?: string | undefined;
  readonly projectId?: string | undefined;
  readonly expiresAt?: Date | undefined;
}

/** A key that was just made; `secret` is shown once and kept nowhere. */
export interface CreatedKey {
  readonly key: ApiKey;
  readonly secret: string;
}

/** A key found by its hash, with what decides whether it is still good. */
export interface StoredKey extends Identity {
  readonly expiresAt: Date | null;
}

/** Tenants and keys. `actor` says in the audit log who did it: `key:<id>`, `cli`, `start`. */
export interface TenantStore {
  createTenant(tenant: NewTenant, actor: string): Promise<Tenant>;
  listTenants(): Promise<readonly Tenant[]>;
  findTenant(id: string): Promise<Tenant | null>;
  createKey(key: NewKey, actor: string): Promise<CreatedKey>;
  /** All keys, or those of one tenant; revoked ones included, newest first. */
  listKeys(tenantId?: string): Promise<readonly ApiKey[]>;
  /** Revokes a key and answers it; null when there is none with this id. */
  revokeKey(id: string, actor: string): Promise<ApiKey | null>;
  /** The key with this SHA-256, unless it is revoked or expired. */
  findKey(hash: Buffer): Promise<StoredKey | null>;
  /** Notes that keys were used now. */
  touchKeys(ids: readonly string[]): Promise<void>;
  /**
   * Makes sure that there is an admin key. With `given` (FARTHING_ADMIN_KEY) that one is good and an earlier given
   * one no longer is. Without, a key is made when there never was one, and answered: it is shown once.
   */
  ensureAdminKey(given: string | null): Promise<string | null>;
}
