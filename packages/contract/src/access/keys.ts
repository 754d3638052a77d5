/** `/api/admin/keys`: what is sent and what comes back. */
import { z } from 'zod';
import { MAX_NAME_LENGTH } from '../events/limits.ts';
import { name, tagsInput } from '../events/usage-event.ts';
import { type AnswerOf, instantText } from '../values.ts';
import { PERMISSIONS, ROLES } from './permissions.ts';

/** What a key can fix for everything written with it; a caller who states another value is refused. */
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
  /** How long the previous secret keeps working; an hour if absent. */
  overlap_seconds: z.int().min(0).max(2_592_000).default(3_600),
});

const keyFields = {
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
  created_at: instantText,
  last_used_at: instantText.nullable(),
  expires_at: instantText.nullable(),
  revoked_at: instantText.nullable(),
  overlap_until: instantText.nullable().meta({
    description: 'When the secret before the last rotation stops working; null when there is none.',
  }),
};

/** A key, never its secret. */
export const keyAnswer = z
  .object(keyFields)
  .meta({ id: 'ApiKey', description: 'An API key, without its secret.' });
export type KeyAnswer = AnswerOf<typeof keyAnswer>;

export const keysAnswer = z.object({ keys: z.array(keyAnswer) });

/** A key with its secret: the only answer that ever contains a key itself. */
export const createdKeyAnswer = z
  .object({
    ...keyFields,
    key: z.string().meta({ description: 'The key itself; it stands nowhere else.' }),
  })
  .meta({ id: 'CreatedApiKey', description: 'A new key, or one with a new secret.' });
