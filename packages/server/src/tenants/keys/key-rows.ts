/** Rows of `api_keys` as the code sees them. */
import type { Permission, Role } from '@farthing/contract';
import type { Tx } from '../../db/database.ts';
import {
  type BoundAttribution,
  type Identity,
  type IdentityFacts,
  makeIdentity,
  UNBOUND,
} from '../identity.ts';
import { type ApiKey, hashKey, keyPrefix } from './api-key.ts';

/** A key found by its hash, with what decides whether it is still good. */
export interface StoredKey {
  readonly keyId: string;
  readonly identity: Identity;
  readonly expiresAt: Date | null;
}

/** Input for a new key; checked by `createKey`. */
export interface KeyFacts {
  readonly name: string;
  readonly role: Role;
  readonly tenantId: string | null;
  readonly scopes: readonly Permission[] | null;
  readonly bound: BoundAttribution;
  readonly expiresAt: Date | null;
}

/**
 * The `prefix` of the command line's own keys, see helper-key.ts; every other prefix begins with `frt_` or ends with an
 * ellipsis. They are valid like others, but internal: they cannot be listed, rotated or revoked.
 */
export const HELPER_PREFIX = 'cli';
/** SQL condition: not one of the command line's own keys. */
export const IS_LISTED = `prefix <> '${HELPER_PREFIX}'`;

export const API_KEY_COLUMNS = `id, name, role, tenant_id, scopes, project_id, environment, agent, user_id, tags, prefix,
  created_at, last_used_at, expires_at, revoked_at, case when previous_until > now() then previous_until end as overlap_until`;

interface BoundColumns {
  readonly project_id: string | null;
  readonly environment: string | null;
  readonly agent: string | null;
  readonly user_id: string | null;
  readonly tags: { readonly [key: string]: string };
}

export interface KeyRow extends BoundColumns {
  readonly id: string;
  readonly name: string;
  readonly role: Role;
  readonly tenant_id: string | null;
  readonly scopes: readonly Permission[] | null;
  readonly prefix: string;
  readonly created_at: Date;
  readonly last_used_at: Date | null;
  readonly expires_at: Date | null;
  readonly revoked_at: Date | null;
  readonly overlap_until: Date | null;
}

export const toKey = (row: KeyRow): ApiKey => ({
  id: row.id,
  name: row.name,
  role: row.role,
  tenantId: row.tenant_id,
  scopes: row.scopes,
  bound: boundOf(row),
  prefix: row.prefix,
  createdAt: row.created_at,
  lastUsedAt: row.last_used_at,
  expiresAt: row.expires_at,
  revokedAt: row.revoked_at,
  overlapUntil: row.overlap_until,
});

const boundOf = (row: BoundColumns): BoundAttribution => ({
  project: row.project_id,
  environment: row.environment,
  agent: row.agent,
  user: row.user_id,
  tags: Object.keys(row.tags).length === 0 ? UNBOUND.tags : row.tags,
});

/** The unexpired key whose current secret, or secret before the last rotation, has this SHA-256. */
export async function findKey(tx: Tx, hash: Buffer): Promise<StoredKey | null> {
  const { rows } = await tx.query<KeyRow & { readonly good_until: Date | null }>(
    `select ${API_KEY_COLUMNS}, least(expires_at, case when hash <> $1 then previous_until end) as good_until
       from api_keys
      where (hash = $1 or (previous_hash = $1 and previous_until > now()))
        and revoked_at is null and (expires_at is null or expires_at > now())`,
    [hash],
  );
  const [row] = rows;
  if (row === undefined) return null;
  const { id: keyId, role, tenant_id: tenantId, scopes, good_until: expiresAt } = row;
  const whose: Pick<IdentityFacts, 'kind' | 'actor'> =
    row.prefix === HELPER_PREFIX ? { kind: 'command line', actor: row.name } : {};
  return {
    keyId,
    identity: makeIdentity({
      keyId,
      role,
      tenantId,
      scopes,
      bound: boundOf(row),
      expiresAt: row.expires_at,
      ...whose,
    }),
    expiresAt,
  };
}

/** Inserts a key; an existing one with the same hash becomes valid again, with the given facts. */
export async function insertKey(tx: Tx, key: KeyFacts, secret: string): Promise<ApiKey> {
  const { rows } = await tx.query<KeyRow>(
    `insert into api_keys (name, role, tenant_id, scopes, project_id, environment, agent, user_id, tags, expires_at,
                           prefix, hash)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
     on conflict (hash) do update set name = excluded.name, role = excluded.role, tenant_id = excluded.tenant_id,
       scopes = excluded.scopes, project_id = excluded.project_id, environment = excluded.environment,
       agent = excluded.agent, user_id = excluded.user_id, tags = excluded.tags, expires_at = excluded.expires_at,
       revoked_at = null
     returning ${API_KEY_COLUMNS}`,
    [
      key.name,
      key.role,
      key.tenantId,
      key.scopes,
      key.bound.project,
      key.bound.environment,
      key.bound.agent,
      key.bound.user,
      JSON.stringify(key.bound.tags),
      key.expiresAt,
      keyPrefix(secret),
      hashKey(secret),
    ],
  );
  const [row] = rows;
  if (row === undefined) throw new Error('The key was not stored.');
  return toKey(row);
}
