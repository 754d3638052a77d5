/** Limits of a reporting login: rights and settings of its role, also applied to logins of older releases. */
import pg from 'pg';
import type { Database, Tx } from '../../db/database.ts';
import { mayMakeTemporaryTables, type OpenRight, openRights } from '../../db/schema/public-rights.ts';
import { sqlState } from '../../db/store-errors.ts';

/** Most concurrent sessions of one login. */
const CONNECTIONS = 10;

/**
 * Settings that a session begins with. The login can change the first two for itself: past them the watch ends it
 * (`reporting-watch.ts`). It cannot change the third.
 */
const SETTINGS = {
  statement_timeout: '60s',
  idle_in_transaction_session_timeout: '60s',
  temp_file_limit: '1GB',
} as const;

interface Role {
  readonly login: string;
  readonly unlimited: boolean;
  readonly watched: boolean;
  readonly settings: readonly string[];
}

/**
 * Applies the limits to every login in `reporting_logins`: sessions, time and temporary files, no temporary tables, and
 * membership for the operator, who may then see and end its sessions. Settings that an administrator has changed stay.
 * Returns the statements that Farthing's own login may not run itself.
 */
export function boundReportingLogins(db: Database): Promise<readonly string[]> {
  return db.asOwner(async (tx) => {
    // Two servers that start at once run one after the other; only the server's roles may take this lock.
    await tx.query("set local lock_timeout = '5s'");
    await tx.query('lock table reporting_logins in share row exclusive mode');
    await tx.query('set local role farthing_operator');
    const { rows } = await tx.query<{ login: string }>('select login from reporting_logins');
    await tx.query('reset role');
    const logins = rows.map(({ login }) => login);
    return logins.length === 0 ? [] : boundLogins(tx, logins);
  });
}

/** The same for these logins, in a transaction of the owner. */
export async function boundLogins(tx: Tx, logins: readonly string[]): Promise<readonly string[]> {
  const { rows: facts } = await tx.query<{
    database: string;
    owner: string;
    modern: boolean;
    files: boolean;
  }>(
    `select current_database() as database, current_user as owner,
            current_setting('server_version_num')::int >= 160000 as modern,
            has_parameter_privilege(current_user, 'temp_file_limit', 'set') as files`,
  );
  const [fact] = facts;
  if (fact === undefined) return [];
  const { rows } = await tx.query<Role>(
    `select r.rolname::text as login, r.rolconnlimit < 0 as unlimited,
            pg_has_role('farthing_operator', r.oid, 'usage') as watched,
            coalesce((select setconfig from pg_db_role_setting s join pg_database d on d.oid = s.setdatabase
                       where s.setrole = r.oid and d.datname = current_database()), '{}') as settings
       from pg_roles r where r.rolname = any ($1) order by 1`,
    [logins],
  );
  const database = pg.escapeIdentifier(fact.database);
  const statements = rows.flatMap((role) =>
    missing(role, { database, modern: fact.modern, files: fact.files }),
  );
  if (await mayMakeTemporaryTables(tx)) {
    statements.push(
      `revoke temporary on database ${database} from public`,
      `grant temporary on database ${database} to farthing_operator, farthing_writer`,
    );
  }
  const refused: string[] = [];
  for (const statement of statements) if (!(await allowed(tx, statement))) refused.push(`${statement};`);
  // Revoking another role's grant silently does nothing.
  if (await mayMakeTemporaryTables(tx)) refused.push(`revoke temporary on database ${database} from public;`);
  return [...new Set(refused)];
}

/** Rights over the server that a reporting login still has and only a superuser can revoke. */
export function openReportingRights(db: Database): Promise<readonly OpenRight[]> {
  return db.asOwner(async (tx) => {
    const { rows } = await tx.query<{ owner: string }>('select current_user as owner');
    return openRights(tx, rows[0]?.owner ?? '');
  });
}

function missing(
  { login, unlimited, watched, settings }: Role,
  {
    database,
    modern,
    files,
  }: { readonly database: string; readonly modern: boolean; readonly files: boolean },
): string[] {
  const role = pg.escapeIdentifier(login);
  const statements: string[] = [];
  if (unlimited) statements.push(`alter role ${role} connection limit ${CONNECTIONS}`);
  if (!watched) {
    statements.push(`grant ${role} to farthing_operator${modern ? ' with inherit true, set false' : ''}`);
  }
  for (const [name, value] of Object.entries(SETTINGS)) {
    if (name === 'temp_file_limit' && !files) continue; // `openReportingRights` tells of it
    if (settings.some((setting) => setting.startsWith(`${name}=`))) continue;
    statements.push(`alter role ${role} in database ${database} set ${name} = ${pg.escapeLiteral(value)}`);
  }
  return statements;
}

/** Runs it; false where this login may not. */
async function allowed(tx: Tx, statement: string): Promise<boolean> {
  await tx.query('savepoint bound');
  try {
    await tx.query(statement);
    await tx.query('release savepoint bound');
    return true;
  } catch (error) {
    await tx.query('rollback to savepoint bound');
    if (sqlState(error) !== '42501') throw error;
    return false;
  }
}
