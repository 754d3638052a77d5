/** How tenants and keys look on the wire. */
import type { KeyBody, TenantBody } from '@farthing/contract';
import type { ApiKey, Identity } from '../../tenants/api-key.ts';
import type { Tenant } from '../../tenants/tenant.ts';

export function tenantBody(tenant: Tenant): TenantBody {
  return {
    id: tenant.id,
    name: tenant.name,
    time_zone: tenant.timeZone,
    created_at: tenant.createdAt.toISOString(),
  };
}

export function keyBody(key: ApiKey): KeyBody {
  return {
    id: key.id,
    name: key.name,
    role: key.role,
    tenant: key.tenantId,
    project: key.projectId,
    prefix: key.prefix,
    created_at: key.createdAt.toISOString(),
    last_used_at: key.lastUsedAt?.toISOString() ?? null,
    expires_at: key.expiresAt?.toISOString() ?? null,
    revoked_at: key.revokedAt?.toISOString() ?? null,
  };
}

/** The caller in the audit log. */
export const actorOf = (identity: Identity): string => `key:${identity.keyId}`;
