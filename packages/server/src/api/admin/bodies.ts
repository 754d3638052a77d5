/** How tenants and keys look on the wire. */
import type { createKeyInput, KeyBody, TenantBody } from '@farthing/contract';
import type { z } from 'zod';
import type { ApiKey } from '../../tenants/api-key.ts';
import type { BoundAttribution } from '../../tenants/identity.ts';
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
    scopes: key.scopes,
    ...key.bound,
    prefix: key.prefix,
    created_at: key.createdAt.toISOString(),
    last_used_at: key.lastUsedAt?.toISOString() ?? null,
    expires_at: key.expiresAt?.toISOString() ?? null,
    revoked_at: key.revokedAt?.toISOString() ?? null,
    overlap_until: key.overlapUntil?.toISOString() ?? null,
  };
}

export { actorOf } from '../../tenants/identity.ts';

/** What the body of a new key fixes of everything written with it. */
export function boundOf(input: z.output<typeof createKeyInput>): BoundAttribution {
  const { project = null, environment = null, agent = null, user = null, tags = {} } = input;
  return { project, environment, agent, user, tags };
}
