/** Logins for psql, BI and Grafana: they read the views of the schema `reporting`, of one tenant or of all, and nothing else. */
import { randomBytes } from 'node:crypto';
import { AppError } from '@farthing/contract';
import pg from 'pg';
import type { Database, Tx } from '../../db/database.ts';
import { endReportingSessions } from '../../db/schema/reporting-sessions.ts';
import { audit } from '../audit/write-audit.ts';
import { boundLogins } from './reporting-bounds-store.ts';
import { scramVerifier } from './scram.ts';

/** A login of the database, as it is listed. */
export interface ReportingLogin {
  readonly login: string;
  /** Null: every tenant. */
  readonly tenantId: string | null;
  readonly createdAt: Date;
}

/** As PostgreSQL folds names, so that `psql -U` needs no quotes. */
const LOGIN_NAME = /^[a-z][a-z0-9_]{0,62}$/;

/**
 * Creates a login and returns its password, which is stored nowhere. The login is read-only, has rights only on the
 * views and the columns under them, and sees rows by row-level security on `session_user`.
 *
 * Refuses a name that is taken (`conflict`), one that PostgreSQL or Farthing reserves (`invalid_body`) and an unknown
 * tenant (`unknown_tenant`).
 *
 * @example const password = await createReportingLogin(db, { login: 'grafana', tenantId: 'acme' }, 'cli');
 */
export function createReportingLogin(
  db: Database,
  { login, tenantId }: { readonly login: string; readonly tenantId: string | null },
  actor: string,
): Promise<string> {
  if (!LOGIN_NAME.test(login) || /^(pg_|farthing)/.test(login)) {
    throw new AppError(
      'invalid_body',
      `"${login}" cannot be a reporting login: lower-case letters, digits and _, beginning with a letter, not with pg_ or farthing.`,
    );
  }
  const password = randomBytes(24).toString('base64url');
  return db.asOwner(async (tx) => {
    await makeRole(tx, login, password);
    await tx.query('set local role farthing_operator');
    await requireTenant(tx, tenantId);
    await tx.query('insert into reporting_logins (login, tenant_id, created_by) values ($1, $2, $3)', [
      login,
      tenantId,
      actor,
    ]);
    await audit(tx, { actor, action: 'reporting_login.create', tenantId, details: { login } });
    return password;
  });
}

/** Every reporting login, ordered by name. */
export function listReportingLogins(db: Database): Promise<readonly ReportingLogin[]> {
  return db.asOperator(async (tx) => {
    const { rows } = await tx.query<{ login: string; tenant_id: string | null; created_at: Date }>(
      'select login, tenant_id, created_at from reporting_logins order by login',
    );
    return rows.map((row) => ({ login: row.login, tenantId: row.tenant_id, createdAt: row.created_at }));
  });
}

/** Removes a login, ends its sessions and drops objects it owns; false if there is none of this name. */
export async function removeReportingLogin(db: Database, login: string, actor: string): Promise<boolean> {
  const { rows } = await db.asOperator((tx) =>
    tx.query<{ role: boolean }>(
      `select exists (select from pg_roles where rolname = login) as role from reporting_logins where login = $1`,
      [login],
    ),
  );
  const [found] = rows;
  if (found === undefined) return false;
  const role = pg.escapeIdentifier(login);
  // A restored backup has the rows in another cluster, where the roles may not exist.
  if (found.role) {
    await db.asOwner((tx) => tx.query(`alter role ${role} nologin`));
    await db.asOperator((tx) => endReportingSessions(tx, { logins: [login], transactionMs: 0, idleMs: 0 }));
  }
  return db.asOwner(async (tx) => {
    await tx.query('set local role farthing_operator');
    const removed = await tx.query<{ tenant_id: string | null }>(
      'delete from reporting_logins where login = $1 returning tenant_id',
      [login],
    );
    const tenantId = removed.rows[0]?.tenant_id ?? null;
    if (removed.rowCount === 0) return false;
    await audit(tx, { actor, action: 'reporting_login.remove', tenantId, details: { login } });
    await tx.query('reset role');
    if (found.role) await dropRole(tx, role);
    return true;
  });
}

/** With what it may own: a large object, made before the public was forbidden to make them, would keep the role. */
async function dropRole(tx: Tx, role: string): Promise<void> {
  await tx.query(`grant ${role} to current_user`);
  await tx.query(`drop owned by ${role}`);
  await tx.query(`drop role ${role}`);
}

async function makeRole(tx: Tx, login: string, password: string): Promise<void> {
  const { rows } = await tx.query<{ taken: boolean; may: boolean; database: string; schema: string }>(
    `select exists (select from pg_roles where rolname = $1) as taken, (rolcreaterole or rolsuper) as may,
            current_database() as database, current_schema() as schema
       from pg_roles where rolname = current_user`,
    [login],
  );
  const [found] = rows;
  if (found === undefined || found.taken) {
    throw new AppError('conflict', `There is already a role "${login}" in this PostgreSQL.`);
  }
  const role = pg.escapeIdentifier(login);
  const database = pg.escapeIdentifier(found.database);
  const settings = [
    `search_path = reporting, ${pg.escapeIdentifier(found.schema)}`,
    'default_transaction_read_only = on',
  ];
  if (!found.may) {
    throw new AppError(
      'conflict',
      `Farthing's own login may not create roles here. Ask an administrator to make it one that may ` +
        `(alter role … createrole), then try again.`,
    );
  }
  await tx.query(`create role ${role} login password ${pg.escapeLiteral(scramVerifier(password))}`);
  await tx.query(`grant farthing_reporting to ${role}`);
  for (const setting of settings) await tx.query(`alter role ${role} in database ${database} set ${setting}`);
  await boundLogins(tx, [login]);
}

async function requireTenant(tx: Tx, tenantId: string | null): Promise<void> {
  if (tenantId === null) return;
  const { rowCount } = await tx.query('select 1 from tenants where id = $1', [tenantId]);
  if (rowCount === 0) throw new AppError('unknown_tenant', `There is no tenant "${tenantId}".`);
}
