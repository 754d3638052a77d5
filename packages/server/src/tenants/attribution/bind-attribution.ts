/** The attribution of an event: the key's values come first, then the item's, then the defaults of the request. */
import { MAX_TAGS } from '@farthing/contract';
import { type BoundAttribution, type Identity, UNBOUND } from '../identity.ts';
import { DEFAULT_TENANT } from '../tenant.ts';
import { RejectionError } from './rejection-error.ts';

type Tags = BoundAttribution['tags'];

/**
 * The tenant of an item. A tenant key writes to its own and may name only that; an admin key may name any,
 * `default` where it names none. Whether the named one exists is checked where the events are recorded.
 */
export function tenantOf(identity: Identity, asked: string | undefined): string {
  if (identity.tenantId === null) return asked ?? DEFAULT_TENANT;
  if (asked === undefined || asked === identity.tenantId) return identity.tenantId;
  throw new RejectionError(
    'tenant_not_allowed',
    'This key belongs to one tenant and cannot write for another.',
    'tenant',
  );
}

/** Attribution that a caller states for an item, and that the key may already fix. */
export interface AskedAttribution {
  readonly project?: string | null | undefined;
  readonly environment?: string | null | undefined;
  readonly agent?: string | null | undefined;
  readonly user?: string | null | undefined;
  readonly tags?: { readonly [key: string]: string } | undefined;
}

/** The part of an event's attribution that a key can fix; null: not stated. */
export interface KeyAttribution {
  readonly project: string | null;
  readonly environment: string | null;
  readonly agent: string | null;
  readonly user: string | null;
  /** Id of the key that wrote the event; null: none did. */
  readonly apiKeyId: string | null;
  readonly tags: Tags;
}

/**
 * The attribution of an item as far as a key can fix it. The key's value applies if the caller states none. A caller
 * that states another value is refused, since the event would differ from what they expect.
 *
 * @throws RejectionError a value other than the key's own, or too many tags together with the key's
 *
 * @example bindAttribution(identity, { project: 'web', tags: { team: 'a' } })
 */
export function bindAttribution(identity: Identity, asked: AskedAttribution): KeyAttribution {
  const { bound } = identity;
  return {
    project: bind(bound.project, asked.project, 'project'),
    environment: bind(bound.environment, asked.environment, 'environment'),
    agent: bind(bound.agent, asked.agent, 'agent'),
    user: bind(bound.user, asked.user, 'user'),
    // A browser's session is not a key, so its events have no key id.
    apiKeyId: identity.kind === 'key' ? identity.keyId : null,
    tags: bound.tags === UNBOUND.tags ? { ...asked.tags } : bindTags(bound.tags, asked.tags),
  };
}

function bind(fixed: string | null, asked: string | null | undefined, field: string): string | null {
  if (fixed === null) return asked ?? null;
  if (asked === undefined || asked === null || asked === fixed) return fixed;
  throw new RejectionError(
    'invalid_event',
    `This key is bound to one ${field} and cannot write to another.`,
    field,
  );
}

function bindTags(fixed: Tags, asked: Tags | undefined): Tags {
  const tags = { ...asked, ...fixed };
  for (const [key, value] of Object.entries(asked ?? {})) {
    if (tags[key] === value) continue;
    throw new RejectionError(
      'invalid_event',
      'This key is bound to another value of this tag.',
      `tags.${key}`,
    );
  }
  if (Object.keys(tags).length > MAX_TAGS) {
    throw new RejectionError(
      'invalid_event',
      `With the key's own there are more than ${MAX_TAGS} tags.`,
      'tags',
    );
  }
  return tags;
}
