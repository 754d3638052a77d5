/**
 * Limits on the keys a key may make, rotate or revoke: none with more permissions, fewer bounds or a later expiry than
 * its own.
 */
import { AppError, type createKeyInput } from '@farthing/contract';
import type { z } from 'zod';
import type { BoundAttribution } from '../../tenants/identity.ts';

/**
 * The attribution a new key fixes for everything written with it: its maker's bounds plus those in the body.
 *
 * @throws AppError `forbidden` if the body names a value other than the maker's own
 */
export function boundOf(input: z.output<typeof createKeyInput>, own: BoundAttribution): BoundAttribution {
  const fields = ['project', 'environment', 'agent', 'user'] as const;
  const [project, environment, agent, user] = fields.map((field) => input[field] ?? own[field]);
  const bound = {
    project: project ?? null,
    environment: environment ?? null,
    agent: agent ?? null,
    user: user ?? null,
    tags: { ...own.tags, ...input.tags },
  };
  requireAsBound(own, bound);
  return bound;
}

/**
 * Expiry of a new key: the time in the body, but never later than its maker's.
 *
 * @throws AppError `forbidden` if the body names a later time
 */
export function expiryOf(asked: string | undefined, own: Date | null): Date | undefined {
  const wanted = asked === undefined ? undefined : new Date(asked);
  requireAsShort(own, wanted ?? own);
  return wanted ?? own ?? undefined;
}

/** Refuses a key that expires later than the key that makes or rotates it. */
export function requireAsShort(own: Date | null, given: Date | null): void {
  if (own === null || (given !== null && given <= own)) return;
  throw new AppError('forbidden', 'This key ends: it can only make and rotate keys that end no later.');
}

/** Refuses a key that is bound to less, or to something else, than the one that makes, rotates or revokes it. */
export function requireAsBound(own: BoundAttribution, given: BoundAttribution): void {
  const { tags: ownTags, ...ownNames } = own;
  const { tags, ...names } = given;
  const asBound =
    Object.entries(ownNames).every(
      ([field, value]) =>
        value === null || Object.entries(names).some(([name, other]) => name === field && other === value),
    ) && Object.entries(ownTags).every(([key, value]) => tags[key] === value);
  if (!asBound)
    throw new AppError('forbidden', 'This key is bound: it can only manage keys that are bound to the same.');
}
