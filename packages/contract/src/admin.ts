/** `/api/admin/tenants` and `/api/admin/keys`: what is sent and what comes back. */
import { z } from 'zod';
import { MAX_NAME_LENGTH, name } from './usage-event.ts';

/** Tenant ids are chosen by the operator and stand in URLs and logs. */
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

export interface TenantBody {
  readonly id: string;
  readonly name: string;
  readonly time_zone: string;
  readonly created_at: string;
}

export const createKeyInput = z
  .strictObject({
    /** What the key is for, shown in lists. */
    name: z.string().trim().min(1).max(MAX_NAME_LENGTH),
    role: z.enum(['admin', 'tenant']).default('tenant'),
    /** The tenant of a tenant key; `default` where absent. */
    tenant: name.optional(),
    /** Binds every event written with the key to this project. */
    project: name.optional(),
    expires_at: z.iso.datetime({ offset: true }).optional(),
  })
  .refine((key) => key.role === 'tenant' || (key.tenant === undefined && key.project === undefined), {
    message: 'an admin key is good for every tenant: leave tenant and project out',
  });
export type CreateKeyInput = z.input<typeof createKeyInput>;

export interface KeyBody {
  readonly id: string;
  readonly name: string;
  readonly role: 'admin' | 'tenant';
  readonly tenant: string | null;
  readonly project: string | null;
  /** First characters of the key: enough to recognise it, useless as a secret. */
  readonly prefix: string;
  readonly created_at: string;
  readonly last_used_at: string | null;
  readonly expires_at: string | null;
  readonly revoked_at: string | null;
}

/** The only answer that ever contains a key itself. */
export interface CreatedKeyBody extends KeyBody {
  readonly key: string;
}
