/** Whose an event is: what the key says comes first, then the item, then the defaults of the request. */

import type { Identity } from '../tenants/api-key.ts';
import { DEFAULT_TENANT } from '../tenants/tenant.ts';
import { Rejection } from './rejection.ts';

/** Attribution for items that state none. */
export interface Defaults {
  readonly tenant?: string | undefined;
  readonly project?: string | undefined;
  readonly environment?: string | undefined;
  readonly agent?: string | undefined;
  /** Tags of items that do not have these keys themselves. */
  readonly tags?: { readonly [key: string]: string } | undefined;
}

/**
 * The tenant of an item. A tenant key writes to its own and may name only that; an admin key may name any,
 * `default` where it names none. Whether the named one exists is checked where the events are recorded.
 */
export function tenantOf(identity: Identity, asked: string | undefined): string {
  if (identity.tenantId === null) return asked ?? DEFAULT_TENANT;
  if (asked === undefined || asked === identity.tenantId) return identity.tenantId;
  throw new Rejection(
    'tenant_not_allowed',
    'This key belongs to one tenant and cannot write for another.',
    'tenant',
  );
}

/** The project of an item; a key that is bound to one writes to no other. */
export function projectOf(identity: Identity, asked: string | undefined): string | null {
  if (identity.projectId === null) return asked ?? null;
  if (asked === undefined || asked === identity.projectId) return identity.projectId;
  throw new Rejection(
    'invalid_event',
    'This key is bound to one project and cannot write to another.',
    'project',
  );
}
