/** `/api/admin/tenants`: what is sent and what comes back. */
import { z } from 'zod';
import { name } from '../events/usage-event.ts';
import { type AnswerOf, instantText } from '../values.ts';

/** Tenant ids are chosen by the operator and are part of URLs and logs. */
export const TENANT_ID_PATTERN = /^[a-z0-9][a-z0-9_-]{0,62}$/;

export const createTenantInput = z.strictObject({
  id: z
    .string()
    .regex(TENANT_ID_PATTERN, 'must be 1 to 63 of a-z, 0-9, "-" and "_", beginning with a letter or digit'),
  /** Name for people; the id where absent. */
  name: name.optional(),
  /** IANA zone of the tenant's days; UTC where absent. */
  time_zone: z.string().max(64).optional(),
});
export type CreateTenantInput = z.infer<typeof createTenantInput>;

export const updateTenantInput = z
  .strictObject({
    name: name.optional(),
    /** IANA zone; every day of the tenant is cut anew in it. */
    time_zone: z.string().max(64).optional(),
  })
  .refine((change) => Object.keys(change).length > 0, { message: 'say what to change: name or time_zone' });
export type UpdateTenantInput = z.infer<typeof updateTenantInput>;

/** A tenant. */
export const tenantAnswer = z
  .object({
    id: z.string(),
    name: z.string(),
    time_zone: z.string().meta({ description: 'The zone of its days.', examples: ['Europe/Berlin'] }),
    created_at: instantText,
  })
  .meta({ id: 'Tenant', description: 'A paying organisation.' });
export type TenantAnswer = AnswerOf<typeof tenantAnswer>;

export const tenantsAnswer = z.object({ tenants: z.array(tenantAnswer) });
