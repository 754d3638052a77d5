/** `/api/admin/tenants`: the tenants the caller manages. */
import {
  AppError,
  createTenantInput,
  type TenantAnswer,
  tenantAnswer,
  tenantsAnswer,
  updateTenantInput,
} from '@farthing/contract';
import { z } from 'zod';
import { setTenantZone } from '../../rollups/write-tenant-zone.ts';
import { actorOf } from '../../tenants/identity.ts';
import type { Tenant } from '../../tenants/tenant.ts';
import { endpoint } from '../endpoint.ts';

/** `GET`. */
export const listTenants = endpoint({
  access: 'tenant:manage',
  summary: 'Every tenant; of a tenant’s own administrator, that one.',
  tags: ['access'],
  answer: tenantsAnswer,
  examples: [{ name: 'all' }],
  async handle({ context, identity: { tenantId } }) {
    const tenants = await context.tenants.listTenants();
    return { tenants: tenants.filter(({ id }) => tenantId === null || id === tenantId).map(tenantAnswerOf) };
  },
});

/** `POST`. */
export const createTenant = endpoint({
  access: 'instance:manage',
  summary: 'Makes a tenant.',
  tags: ['access'],
  body: createTenantInput,
  status: 201,
  answer: tenantAnswer,
  errors: ['conflict'],
  examples: [{ name: 'with a zone', body: { id: 'initech', name: 'Initech', time_zone: 'Europe/Berlin' } }],
  async handle({ context, identity, body: { id, name, time_zone: timeZone } }) {
    const tenant = await context.tenants.createTenant({ id, name, timeZone }, actorOf(identity));
    return tenantAnswerOf(tenant);
  },
});

/** `PATCH /:id`: another name or zone. */
export const updateTenant = endpoint({
  access: 'tenant:manage',
  summary: 'Changes a tenant’s name or time zone.',
  description:
    'With the zone every day of the tenant is cut anew, from its first event on: totals stay, days move. Events that are recorded meanwhile wait for it.',
  tags: ['access'],
  params: z.strictObject({ id: z.string() }),
  body: updateTenantInput,
  answer: tenantAnswer,
  errors: ['not_found'],
  examples: [{ name: 'a zone', params: { id: 'acme' }, body: { time_zone: 'Europe/Berlin' } }],
  async handle({ context, identity, params: { id }, body }) {
    const missing = () => new AppError('not_found', 'There is no tenant with this id.');
    if (identity.tenantId !== null && id !== identity.tenantId) throw missing();
    const { name, time_zone: timeZone } = body;
    const before = await context.tenants.updateTenant(id, { name, timeZone }, actorOf(identity));
    if (before === null) throw missing();
    if (timeZone === undefined || timeZone === before.timeZone) return tenantAnswerOf(before);
    await setTenantZone(context.db, id, timeZone);
    return tenantAnswerOf({ ...before, timeZone });
  },
});

/** A tenant as the API answers it, and the command line prints it. */
export function tenantAnswerOf(tenant: Tenant): TenantAnswer {
  return {
    id: tenant.id,
    name: tenant.name,
    time_zone: tenant.timeZone,
    created_at: tenant.createdAt.toISOString(),
  };
}
