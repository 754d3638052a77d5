/** Tenants, keys, people and sessions as answers carry them. */
import { MEMBER_ROLES, PERMISSIONS, ROLES } from '@farthing/contract';
import { z } from 'zod';
import { instant } from '../schemas.ts';

/** A tenant. */
export const tenantAnswer = z
  .object({
    id: z.string(),
    name: z.string(),
    time_zone: z.string().meta({ description: 'The zone of its days.', examples: ['Europe/Berlin'] }),
    created_at: instant,
  })
  .meta({ id: 'Tenant', description: 'A paying organisation.' });

export const keyFields = {
  id: z.string(),
  name: z.string(),
  role: z.enum(ROLES),
  tenant: z.string().nullable(),
  scopes: z.array(z.enum(PERMISSIONS)).nullable().meta({ description: 'Null: everything the role may.' }),
  project: z.string().nullable(),
  environment: z.string().nullable(),
  agent: z.string().nullable(),
  user: z.string().nullable(),
  tags: z.record(z.string(), z.string()),
  prefix: z
    .string()
    .meta({ description: 'First characters: enough to recognise the key, useless as a secret.' }),
  created_at: instant,
  last_used_at: instant.nullable(),
  expires_at: instant.nullable(),
  revoked_at: instant.nullable(),
  overlap_until: instant.nullable().meta({
    description: 'When the secret before the last rotation stops working; null when there is none.',
  }),
};

/** A key, never its secret. */
export const keyAnswer = z
  .object(keyFields)
  .meta({ id: 'ApiKey', description: 'An API key, without its secret.' });

/** A key with its secret. */
export const createdKeyAnswer = z
  .object({
    ...keyFields,
    key: z.string().meta({ description: 'The key itself; it stands nowhere else.' }),
  })
  .meta({ id: 'CreatedApiKey', description: 'A new key, or one with a new secret.' });

/** A person. */
export const userAnswer = z
  .object({
    id: z.string(),
    email: z.string(),
    name: z.string().nullable(),
    admin: z.boolean().meta({ description: 'Of the instance; tenants are not told.' }),
    created_at: instant,
    disabled_at: instant.nullable().meta({ description: 'When the account was shut; tenants are not told.' }),
    last_seen_at: instant.nullable(),
    memberships: z.array(
      z.object({
        tenant: z.string(),
        role: z.enum(MEMBER_ROLES),
        status: z.enum(['invited', 'active', 'disabled']),
        created_at: instant,
      }),
    ),
  })
  .meta({ id: 'User', description: 'An account, and what it is in which tenant.' });

/** A link for a person. */
export const userLinkAnswer = z
  .object({
    kind: z.enum(['invite', 'reset']),
    url: z.string().meta({ description: 'Works once. It stands nowhere else.' }),
    expires_at: instant,
  })
  .meta({
    id: 'UserLink',
    description: 'A link to be given to a person: to join, or to choose a new password.',
  });

/** A browser that is signed in. */
export const sessionAnswer = z
  .object({
    id: z.string(),
    user: z
      .object({ id: z.string(), email: z.string() })
      .nullable()
      .meta({ description: 'Null: made by a sign-in link of the server’s machine.' }),
    role: z.enum(ROLES),
    tenant: z.string().nullable(),
    created_at: instant,
    last_seen_at: instant,
    expires_at: instant,
    user_agent: z.string().nullable(),
    current: z.boolean().meta({ description: 'It is the one that asks.' }),
  })
  .meta({ id: 'Session', description: 'A browser that is signed in.' });
