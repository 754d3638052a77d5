/** Tenants in the database. Every change writes its line of the audit log in the same transaction. */
import { AppError } from '@farthing/contract';
import { isTimeZone } from '../clock/zone-clock.ts';
import type { Database, Tx } from '../db/database.ts';
import { audit } from './audit/write-audit.ts';
import { createKeyStore, type KeyStore } from './keys/key-store.ts';
import type { Tenant } from './tenant.ts';

export interface NewTenant {
  readonly id: string;
  readonly name?: string | undefined;
  readonly timeZone?: string | undefined;
}

/** Tenants, and their keys. `actor` says in the audit log who did it: `key:<id>`, `user:<id>`, `cli:<name>`, `start`. */
export interface TenantStore extends KeyStore {
  /** Refuses an id that is taken (`conflict`) and an unknown zone (`invalid_body`). */
  createTenant(tenant: NewTenant, actor: string): Promise<Tenant>;
  listTenants(): Promise<readonly Tenant[]>;
  findTenant(id: string): Promise<Tenant | null>;
  /**
   * Changes a tenant's name and audits all requested changes; null for an unknown tenant. The zone itself is set by
   * `setTenantZone` of the rollups, which also recuts the tenant's days.
   */
  updateTenant(id: string, change: TenantChange, actor: string): Promise<Tenant | null>;
}

export interface TenantChange {
  readonly name?: string | undefined;
  readonly timeZone?: string | undefined;
}

/** The store on Postgres. */
export function createTenantStore(db: Database): TenantStore {
  return {
    ...createKeyStore(db),
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
    updateTenant: (id, change, actor) => db.asOperator((tx) => updateTenant(tx, id, change, actor)),
  };
}

/** The same as the table's check. */
const TENANT_ID = /^[a-z0-9][a-z0-9_-]{0,62}$/;
const SELECT_TENANT = 'select id, name, time_zone, created_at from tenants';

async function createTenant(tx: Tx, tenant: NewTenant, actor: string): Promise<Tenant> {
  const { id, name = id, timeZone = 'UTC' } = tenant;
  if (!TENANT_ID.test(id)) {
    throw new AppError(
      'invalid_body',
      `"${id}" cannot be a tenant's id: lower-case letters, digits, - and _, at most 63, beginning with a letter or digit.`,
    );
  }
  requireTimeZone(timeZone);
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

function requireTimeZone(zone: string): void {
  if (isTimeZone(zone)) return;
  throw new AppError(
    'invalid_body',
    `"${zone}" is not an IANA time zone; use a name like Europe/Berlin or UTC.`,
  );
}

async function updateTenant(tx: Tx, id: string, change: TenantChange, actor: string): Promise<Tenant | null> {
  const { name, timeZone } = change;
  if (timeZone !== undefined) requireTimeZone(timeZone);
  const { rows } = await tx.query<TenantRow>(
    `update tenants set name = coalesce($2, name) where id = $1 returning id, name, time_zone, created_at`,
    [id, name ?? null],
  );
  const [row] = rows;
  if (row === undefined) return null;
  const details = { name: name ?? null, time_zone: timeZone ?? null };
  await audit(tx, { actor, action: 'tenant.change', tenantId: id, details });
  return toTenant(row);
}

interface TenantRow {
  readonly id: string;
  readonly name: string;
  readonly time_zone: string;
  readonly created_at: Date;
}

const toTenant = (row: TenantRow): Tenant => ({
  id: row.id,
  name: row.name,
  timeZone: row.time_zone,
  createdAt: row.created_at,
});
