/** `PATCH /api/admin/tenants/:id`: another name or zone for a tenant. */
import { AppError, updateTenantInput } from '@farthing/contract';
import { z } from 'zod';
import { setTenantZone } from '../../rollups/tenant-zone.ts';
import { endpoint } from '../endpoint.ts';
import { tenantAnswer } from './access-schemas.ts';
import { actorOf, tenantBody } from './key-bounds.ts';

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
    if (timeZone === undefined || timeZone === before.timeZone) return tenantBody(before);
    await setTenantZone(context.db, id, timeZone);
    return tenantBody({ ...before, timeZone });
  },
});
