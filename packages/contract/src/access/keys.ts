/** `/api/admin/tenants` and `/api/admin/keys`: what is sent and what comes back. */
import { z } from 'zod';
import { MAX_NAME_LENGTH, name, tagsInput } from '../events/usage-event.ts';
import { PERMISSIONS, type Permission, ROLES, type Role } from './permissions.ts';

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

/** What can be fixed for everything written with a key; a caller who says something else is refused. */
const bound = {
  project: name.optional(),
  environment: name.optional(),
  agent: name.optional(),
  user: name.optional(),
  tags: tagsInput.optional(),
};

export const createKeyInput = z.strictObject({
  /** What the key is for, shown in lists. */
  name: z.string().trim().min(1).max(MAX_NAME_LENGTH),
  role: z.enum(ROLES).default('member'),
  /** The tenant of every key but an admin's; the caller's own, for an administrator `default`, where absent. */
  tenant: name.optional(),
  /** A part of the role's permissions; all of them where absent. */
  scopes: z.array(z.enum(PERMISSIONS)).min(1).max(PERMISSIONS.length).optional(),
  ...bound,
  expires_at: z.iso.datetime({ offset: true }).optional(),
});
export type CreateKeyInput = z.input<typeof createKeyInput>;

export const rotateKeyInput = z.strictObject({
  /** How long the secret before goes on working; an hour where absent. */
  overlap_seconds: z.int().min(0).max(2_592_000).default(3_600),
});

export interface KeyBody {
  readonly id: string;
  readonly name: string;
  readonly role: Role;
  readonly tenant: string | null;
  /** Null: everything the role may. */
  readonly scopes: readonly Permission[] | null;
  readonly project: string | null;
  readonly environment: string | null;
  readonly agent: string | null;
  readonly user: string | null;
  readonly tags: { readonly [key: string]: string };
  /** First characters of the key: enough to recognise it, useless as a secret. */
  readonly prefix: string;
  readonly created_at: string;
  readonly last_used_at: string | null;
  readonly expires_at: string | null;
  readonly revoked_at: string | null;
  /** When the secret before the last rotation stops working; null when there is none. */
  readonly overlap_until: string | null;
}

/** The only answer that ever contains a key itself. */
export interface CreatedKeyBody extends KeyBody {
  readonly key: string;
}

export const updateTenantInput = z
  .strictObject({
    name: name.optional(),
    /** IANA zone; every day of the tenant is cut anew in it. */
    time_zone: z.string().max(64).optional(),
  })
  .refine((change) => Object.keys(change).length > 0, { message: 'say what to change: name or time_zone' });
export type UpdateTenantInput = z.infer<typeof updateTenantInput>;
