/** Tenants and keys as answers carry them. */
import { PERMISSIONS, ROLES } from '@farthing/contract';
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
