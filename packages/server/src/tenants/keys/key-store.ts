/** API keys in the database. Every change writes its line of the audit log in the same transaction. */
import { AppError, type Permission, ROLE_PERMISSIONS, type Role } from '@farthing/contract';
import type { Database, Tx } from '../../db/database.ts';
import { audit } from '../audit/write-audit.ts';
import { type BoundAttribution, UNBOUND } from '../identity.ts';
import { type ApiKey, hashKey, keyPrefix, makeKey } from './api-key.ts';
import { ensureAdminKey, GIVEN_KEY_NAME } from './first-key-store.ts';
import {
  API_KEY_COLUMNS,
  findKey,
  IS_LISTED,
  insertKey,
  type KeyRow,
  type StoredKey,
  toKey,
} from './key-rows.ts';

export interface NewKey {
  readonly name: string;
  readonly role: Role;
  /** Required for every role but `admin`, refused for that. */
  readonly tenantId?: string | undefined;
  /** A part of the role's permissions; absent: all of them. */
  readonly scopes?: readonly Permission[] | undefined;
  /** Attribution for everything written with the key. */
  readonly bound?: Partial<BoundAttribution> | undefined;
  readonly expiresAt?: Date | undefined;
}

/** A key that was just made or rotated; `secret` is shown once and kept nowhere. */
export interface CreatedKey {
  readonly key: ApiKey;
  readonly secret: string;
}

/** Longest time for which a rotated key's earlier secret may go on working: 30 days. */
export const MAX_OVERLAP_SECONDS = 2_592_000;

/**
 * Keys. `actor` is the actor in the audit log: `key:<id>`, `user:<id>`, `cli:<name>`, `start`. Methods that take a
 * tenant treat keys of other tenants and administrators' keys as unknown.
 */
export interface KeyStore {
  /** Refuses a tenant that does not exist (`unknown_tenant`) and scopes beyond the role (`invalid_body`). */
  createKey(key: NewKey, actor: string): Promise<CreatedKey>;
  /** All keys, or those of one tenant; revoked ones included, newest first. */
  listKeys(tenantId?: string): Promise<readonly ApiKey[]>;
  /** One key; null when there is none with this id. */
  getKey(id: string, tenantId?: string): Promise<ApiKey | null>;
  /** Revokes a key and answers it; null when there is none with this id. Revoking twice changes nothing. */
  revokeKey(id: string, actor: string, tenantId?: string): Promise<ApiKey | null>;
  /**
   * Gives a key a new secret. The previous one works for `overlapSeconds` more, an earlier one no longer. Id,
   * attribution and statistics stay. Null for an unknown id; refuses an expired or revoked key (`conflict`).
   */
  rotateKey(id: string, overlapSeconds: number, actor: string, tenantId?: string): Promise<CreatedKey | null>;
  /** The key with this SHA-256, unless it is revoked or expired. */
  findKey(hash: Buffer): Promise<StoredKey | null>;
  /** Notes that keys were used now. */
  touchKeys(ids: readonly string[]): Promise<void>;
  /**
   * Ensures that there is an admin key. With `given` (FARTHING_ADMIN_KEY), that key is valid and one given earlier is
   * not. Without it, a key is created if there never was one, and returned: it is shown once.
   */
  ensureAdminKey(given: string | null): Promise<string | null>;
}

/** The store on Postgres. */
export function createKeyStore(db: Database): KeyStore {
  return {
    createKey: (key, actor) => db.asOperator((tx) => createKey(tx, key, actor)),
    listKeys: (tenantId) =>
      db.asOperator(async (tx) => {
        const { rows } = await tx.query<KeyRow>(
          `select ${API_KEY_COLUMNS} from api_keys where ${IS_LISTED} and ($1::text is null or tenant_id = $1)
            order by created_at desc, id`,
          [tenantId ?? null],
        );
        return rows.map(toKey);
      }),
    getKey: (id, tenantId) =>
      UUID.test(id) ? db.asOperator((tx) => getKey(tx, id, tenantId)) : Promise.resolve(null),
    revokeKey: (id, actor, tenantId) =>
      UUID.test(id) ? db.asOperator((tx) => revokeKey(tx, id, actor, tenantId)) : Promise.resolve(null),
    rotateKey: (id, overlapSeconds, actor, tenantId) =>
      UUID.test(id)
        ? db.asOperator((tx) => rotateKey(tx, { id, overlapSeconds, tenantId }, actor))
        : Promise.resolve(null),
    findKey: (hash) => db.asOperator((tx) => findKey(tx, hash)),
    touchKeys: (ids) =>
      db.asOperator(async (tx) => {
        await tx.query('update api_keys set last_used_at = now() where id = any($1::uuid[])', [ids]);
      }),
    ensureAdminKey: (given) => db.asOperator((tx) => ensureAdminKey(tx, given)),
  };
}

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

async function createKey(tx: Tx, key: NewKey, actor: string): Promise<CreatedKey> {
  const { tenantId = null, scopes = null, bound = {} } = key;
  refuseImpossible(key);
  if (tenantId !== null) {
    const { rowCount } = await tx.query('select 1 from tenants where id = $1', [tenantId]);
    if (rowCount === 0)
      throw new AppError(
        'unknown_tenant',
        `There is no tenant "${tenantId}". Make it with "farthing tenants create ${tenantId}" or POST /api/admin/tenants.`,
      );
  }
  const secret = makeKey();
  const made = await insertKey(
    tx,
    {
      name: key.name,
      role: key.role,
      tenantId,
      scopes,
      bound: { ...UNBOUND, ...bound },
      expiresAt: key.expiresAt ?? null,
    },
    secret,
  );
  await audit(tx, {
    actor,
    action: 'key.create',
    tenantId,
    details: {
      key_id: made.id,
      name: made.name,
      role: made.role,
      scopes: scopes?.join(' ') ?? null,
      expires_at: made.expiresAt?.toISOString() ?? null,
    },
  });
  return { key: made, secret };
}

function refuseImpossible({ name, role, tenantId, scopes, bound = {}, expiresAt }: NewKey): void {
  const refuse = (message: string): never => {
    throw new AppError('invalid_body', message);
  };
  if (name === GIVEN_KEY_NAME)
    refuse(`The name ${GIVEN_KEY_NAME} is kept for the key of the environment; choose another.`);
  if (expiresAt !== undefined && expiresAt.getTime() <= Date.now())
    refuse('expires_at has passed: the key would never be good. Give a time to come.');
  if ((role === 'admin') !== (tenantId === undefined))
    refuse('Every key but an admin key needs a tenant; an admin key has none.');
  if (role === 'admin' && Object.values({ ...UNBOUND, ...bound, tags: null }).some((value) => value !== null))
    refuse('An admin key writes for every tenant: it cannot be bound to a project, agent or user.');
  if (role === 'admin' && Object.keys(bound.tags ?? {}).length > 0)
    refuse('An admin key writes for every tenant: it cannot be bound to tags.');
  if (scopes === undefined) return;
  const permissions: readonly Permission[] = ROLE_PERMISSIONS[role];
  const beyond = scopes.find((scope) => !permissions.includes(scope));
  if (beyond !== undefined) refuse(`scopes: a key of the role ${role} cannot have "${beyond}".`);
  if (scopes.length === 0) refuse('scopes: name at least one, or leave them out for all of the role.');
}

/** The row, locked until the transaction ends. */
async function getKey(tx: Tx, id: string, tenantId: string | undefined): Promise<ApiKey | null> {
  const { rows } = await tx.query<KeyRow>(
    `select ${API_KEY_COLUMNS} from api_keys
      where id = $1 and ${IS_LISTED} and ($2::text is null or tenant_id = $2) for update`,
    [id, tenantId ?? null],
  );
  return rows[0] === undefined ? null : toKey(rows[0]);
}

async function revokeKey(
  tx: Tx,
  id: string,
  actor: string,
  tenantId: string | undefined,
): Promise<ApiKey | null> {
  const found = await getKey(tx, id, tenantId);
  if (found === null || found.revokedAt !== null) return found;
  const { rows } = await tx.query<KeyRow>(
    `update api_keys set revoked_at = now(), previous_hash = null, previous_until = null where id = $1
     returning ${API_KEY_COLUMNS}`,
    [id],
  );
  const details = { key_id: id, name: found.name };
  await audit(tx, { actor, action: 'key.revoke', tenantId: found.tenantId, details });
  return rows[0] === undefined ? null : toKey(rows[0]);
}

interface Rotation {
  readonly id: string;
  readonly overlapSeconds: number;
  readonly tenantId: string | undefined;
}

async function rotateKey(tx: Tx, rotation: Rotation, actor: string): Promise<CreatedKey | null> {
  const { id, overlapSeconds, tenantId } = rotation;
  const found = await getKey(tx, id, tenantId);
  if (found === null) return null;
  if (found.revokedAt !== null || (found.expiresAt !== null && found.expiresAt.getTime() <= Date.now())) {
    throw new AppError('conflict', 'The key is over: make a new one instead.');
  }
  if (found.name === GIVEN_KEY_NAME) {
    throw new AppError('conflict', `This key comes from the environment: change ${GIVEN_KEY_NAME} there.`);
  }
  const secret = makeKey();
  const { rows } = await tx.query<KeyRow>(
    `update api_keys set hash = $2, prefix = $3, rotated_at = now(),
       previous_hash = case when $4 > 0 then hash end,
       previous_until = case when $4 > 0 then now() + make_interval(secs => $4) end
     where id = $1 returning ${API_KEY_COLUMNS}`,
    [id, hashKey(secret), keyPrefix(secret), overlapSeconds],
  );
  const [row] = rows;
  if (row === undefined) return null;
  const details = { key_id: id, name: found.name, overlap_seconds: overlapSeconds };
  await audit(tx, { actor, action: 'key.rotate', tenantId: found.tenantId, details });
  return { key: toKey(row), secret };
}
