/** Tenants and keys in the database. Every change writes its line of the audit log in the same transaction. */
import { AppError } from '@farthing/contract';
import type { Database, Tx } from '../db/database.ts';
import {
  type ApiKey,
  hashKey,
  type Identity,
  isPlausibleKey,
  keyPrefix,
  makeKey,
  type Role,
} from './api-key.ts';
import { audit } from './audit.ts';
import { isTimeZone, type Tenant } from './tenant.ts';

export interface NewTenant {
  readonly id: string;
  readonly name?: string | undefined;
  readonly timeZone?: string | undefined;
}

export interface NewKey {
  readonly name: string;
  readonly role: Role;
  /** Required for a tenant key, refused for an admin key. */
  readonly tenantId?: string | undefined;
  readonly projectId?: string | undefined;
  readonly expiresAt?: Date | undefined;
}

/** A key that was just made; `secret` is shown once and kept nowhere. */
export interface CreatedKey {
  readonly key: ApiKey;
  readonly secret: string;
}

/** A key found by its hash, with what decides whether it is still good. */
export interface StoredKey {
  readonly keyId: string;
  readonly identity: Identity;
  readonly expiresAt: Date | null;
}

/** Name of the key that comes from the environment; no other key may have it. */
export const GIVEN_KEY_NAME = 'FARTHING_ADMIN_KEY';

/** Tenants and keys. `actor` says in the audit log who did it: `key:<id>`, `cli`, `start`. */
export interface TenantStore {
  /** Refuses an id that is taken (`conflict`) and an unknown zone (`invalid_body`). */
  createTenant(tenant: NewTenant, actor: string): Promise<Tenant>;
  listTenants(): Promise<readonly Tenant[]>;
  findTenant(id: string): Promise<Tenant | null>;
  /** Refuses a tenant that does not exist (`unknown_tenant`). */
  createKey(key: NewKey, actor: string): Promise<CreatedKey>;
  /** All keys, or those of one tenant; revoked ones included, newest first. */
  listKeys(tenantId?: string): Promise<readonly ApiKey[]>;
  /** Revokes a key and answers it; null when there is none with this id. Revoking twice changes nothing. */
  revokeKey(id: string, actor: string): Promise<ApiKey | null>;
  /** The key with this SHA-256, unless it is revoked or expired. */
  findKey(hash: Buffer): Promise<StoredKey | null>;
  /** Notes that keys were used now. */
  touchKeys(ids: readonly string[]): Promise<void>;
  /**
   * Makes sure that there is an admin key. With `given` (FARTHING_ADMIN_KEY) that one is good and one given earlier
   * no longer is. Without, a key is made when there never was one, and answered: it is shown once.
   */
  ensureAdminKey(given: string | null): Promise<string | null>;
}

/** The store on Postgres. */
export function createTenantStore(db: Database): TenantStore {
  return {
    createTenant: (tenant, actor) => db.asOperator((tx) => createTenant(tx, tenant, actor)),
    listTenants: () =>
      db.asOperator(async (tx) =>
        (await tx.query<TenantRow>(`${SELECT_TENANT} order by id`)).rows.map(toTenant),
      ),
    findTenant: (id) =>
      db.asOperator(async (tx) => {
        const { rows } = await tx.query<TenantRow>(`${SELECT_TENANT} where id = $1`, [id]);
        return rows[0] === undefined ? null : toTenant(rows[0]);
      }),
    createKey: (key, actor) => db.asOperator((tx) => createKey(tx, key, actor)),
    listKeys: (tenantId) =>
      db.asOperator(async (tx) => {
        const { rows } = await tx.query<KeyRow>(
          `select ${KEY_COLUMNS} from api_keys where $1::text is null or tenant_id = $1 order by created_at desc, id`,
          [tenantId ?? null],
        );
        return rows.map(toKey);
      }),
    revokeKey: (id, actor) =>
      UUID.test(id) ? db.asOperator((tx) => revokeKey(tx, id, actor)) : Promise.resolve(null),
    findKey: (hash) => db.asOperator((tx) => findKey(tx, hash)),
    touchKeys: (ids) =>
      db.asOperator(async (tx) => {
        await tx.query('update api_keys set last_used_at = now() where id = any($1::uuid[])', [ids]);
      }),
    ensureAdminKey: (given) =>
      db.asOperator((tx) => (given === null ? firstAdminKey(tx) : givenAdminKey(tx, given))),
  };
}

/** The same as the table's check. */
const TENANT_ID = /^[a-z0-9][a-z0-9_-]{0,62}$/;
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
const SELECT_TENANT = 'select id, name, time_zone, created_at from tenants';
const KEY_COLUMNS =
  'id, name, role, tenant_id, project_id, prefix, created_at, last_used_at, expires_at, revoked_at';

async function createTenant(tx: Tx, tenant: NewTenant, actor: string): Promise<Tenant> {
  const { id, name = id, timeZone = 'UTC' } = tenant;
  if (!TENANT_ID.test(id)) {
    throw new AppError(
      'invalid_body',
      `"${id}" cannot be a tenant's id: lower-case letters, digits, - and _, at most 63, beginning with a letter or digit.`,
    );
  }
  if (!isTimeZone(timeZone)) {
    throw new AppError(
      'invalid_body',
      `"${timeZone}" is not an IANA time zone; use a name like Europe/Berlin or UTC.`,
    );
  }
  const { rows } = await tx.query<TenantRow>(
    `insert into tenants (id, name, time_zone) values ($1, $2, $3) on conflict (id) do nothing
     returning id, name, time_zone, created_at`,
    [id, name, timeZone],
  );
  const [row] = rows;
  if (row === undefined) throw new AppError('conflict', `There is already a tenant "${id}".`);
  await audit(tx, { actor, action: 'tenant.create', tenantId: id, details: { name, time_zone: timeZone } });
  return toTenant(row);
}

async function createKey(tx: Tx, key: NewKey, actor: string): Promise<CreatedKey> {
  const { tenantId = null, projectId = null } = key;
  if (key.name === GIVEN_KEY_NAME) {
    throw new AppError(
      'invalid_body',
      `The name ${GIVEN_KEY_NAME} is kept for the key of the environment; choose another.`,
    );
  }
  if (key.expiresAt !== undefined && key.expiresAt.getTime() <= Date.now()) {
    throw new AppError(
      'invalid_body',
      'expires_at has passed: the key would never be good. Give a time to come.',
    );
  }
  if ((key.role === 'admin') !== (tenantId === null)) {
    throw new AppError('invalid_body', 'A tenant key needs a tenant; an admin key has none.');
  }
  if (tenantId !== null) {
    const { rowCount } = await tx.query('select 1 from tenants where id = $1', [tenantId]);
    if (rowCount === 0)
      throw new AppError(
        'unknown_tenant',
        `There is no tenant "${tenantId}". Make it with "farthing tenants create ${tenantId}" or POST /api/admin/tenants.`,
      );
  }
  const secret = makeKey();
  const row = await insertKey(tx, { ...key, tenantId, projectId, secret });
  await audit(tx, {
    actor,
    action: 'key.create',
    tenantId,
    details: { key_id: row.id, name: row.name, role: row.role },
  });
  return { key: row, secret };
}

interface KeyToInsert {
  readonly name: string;
  readonly role: Role;
  readonly tenantId: string | null;
  readonly projectId: string | null;
  readonly expiresAt?: Date | undefined;
  readonly secret: string;
}

/** Inserts a key; one whose hash is there already becomes good again, as described. */
async function insertKey(tx: Tx, key: KeyToInsert): Promise<ApiKey> {
  const { rows } = await tx.query<KeyRow>(
    `insert into api_keys (name, role, tenant_id, project_id, prefix, hash, expires_at)
     values ($1, $2, $3, $4, $5, $6, $7)
     on conflict (hash) do update set name = excluded.name, role = excluded.role, tenant_id = excluded.tenant_id,
       project_id = excluded.project_id, expires_at = excluded.expires_at, revoked_at = null
     returning ${KEY_COLUMNS}`,
    [
      key.name,
      key.role,
      key.tenantId,
      key.projectId,
      keyPrefix(key.secret),
      hashKey(key.secret),
      key.expiresAt ?? null,
    ],
  );
  const [row] = rows;
  if (row === undefined) throw new Error('The key was not stored.');
  return toKey(row);
}

async function revokeKey(tx: Tx, id: string, actor: string): Promise<ApiKey | null> {
  const before = await tx.query<{ revoked_at: Date | null }>(
    'select revoked_at from api_keys where id = $1 for update',
    [id],
  );
  const [found] = before.rows;
  if (found === undefined) return null;
  const { rows } = await tx.query<KeyRow>(
    `update api_keys set revoked_at = coalesce(revoked_at, now()) where id = $1 returning ${KEY_COLUMNS}`,
    [id],
  );
  const [row] = rows;
  if (row === undefined) return null;
  if (found.revoked_at === null) {
    await audit(tx, {
      actor,
      action: 'key.revoke',
      tenantId: row.tenant_id,
      details: { key_id: id, name: row.name },
    });
  }
  return toKey(row);
}

async function findKey(tx: Tx, hash: Buffer): Promise<StoredKey | null> {
  const { rows } = await tx.query<Pick<KeyRow, 'id' | 'role' | 'tenant_id' | 'project_id' | 'expires_at'>>(
    `select id, role, tenant_id, project_id, expires_at from api_keys
      where hash = $1 and revoked_at is null and (expires_at is null or expires_at > now())`,
    [hash],
  );
  const [row] = rows;
  if (row === undefined) return null;
  return {
    keyId: row.id,
    identity: { keyId: row.id, role: row.role, tenantId: row.tenant_id, projectId: row.project_id },
    expiresAt: row.expires_at,
  };
}

/** One starting server at a time decides about the admin key. */
const lockAdminKeys = (tx: Tx) => tx.query(`select pg_advisory_xact_lock(hashtext('farthing admin key'))`);

async function firstAdminKey(tx: Tx): Promise<string | null> {
  await lockAdminKeys(tx);
  const { rowCount } = await tx.query(`select 1 from api_keys where role = 'admin' limit 1`);
  if (rowCount > 0) return null;
  const secret = makeKey();
  const key = await insertKey(tx, {
    name: 'first admin key',
    role: 'admin',
    tenantId: null,
    projectId: null,
    secret,
  });
  await audit(tx, {
    actor: 'start',
    action: 'key.create',
    tenantId: null,
    details: { key_id: key.id, name: key.name, role: 'admin' },
  });
  return secret;
}

async function givenAdminKey(tx: Tx, secret: string): Promise<null> {
  if (!isPlausibleKey(secret)) {
    throw new Error(
      `${GIVEN_KEY_NAME} has the form of a Farthing key but its checksum does not fit: it was mistyped.`,
    );
  }
  await lockAdminKeys(tx);
  const hash = hashKey(secret);
  const { rowCount } = await tx.query(
    `select 1 from api_keys where hash = $1 and name = $2 and role = 'admin' and revoked_at is null`,
    [hash, GIVEN_KEY_NAME],
  );
  if (rowCount > 0) return null;
  await tx.query(`update api_keys set revoked_at = now() where name = $1 and revoked_at is null`, [
    GIVEN_KEY_NAME,
  ]);
  const key = await insertKey(tx, {
    name: GIVEN_KEY_NAME,
    role: 'admin',
    tenantId: null,
    projectId: null,
    secret,
  });
  await audit(tx, {
    actor: 'start',
    action: 'key.given',
    tenantId: null,
    details: { key_id: key.id, name: key.name },
  });
  return null;
}

interface TenantRow {
  readonly id: string;
  readonly name: string;
  readonly time_zone: string;
  readonly created_at: Date;
}

interface KeyRow {
  readonly id: string;
  readonly name: string;
  readonly role: Role;
  readonly tenant_id: string | null;
  readonly project_id: string | null;
  readonly prefix: string;
  readonly created_at: Date;
  readonly last_used_at: Date | null;
  readonly expires_at: Date | null;
  readonly revoked_at: Date | null;
}

const toTenant = (row: TenantRow): Tenant => ({
  id: row.id,
  name: row.name,
  timeZone: row.time_zone,
  createdAt: row.created_at,
});

const toKey = (row: KeyRow): ApiKey => ({
  id: row.id,
  name: row.name,
  role: row.role,
  tenantId: row.tenant_id,
  projectId: row.project_id,
  prefix: row.prefix,
  createdAt: row.created_at,
  lastUsedAt: row.last_used_at,
  expiresAt: row.expires_at,
  revokedAt: row.revoked_at,
});
