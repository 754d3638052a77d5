/** The group roles behind row-level security, and what the connecting role must be able to do. */
import type pg from 'pg';

/** Group roles that transactions switch to. */
export const GROUP_ROLES = ['farthing_reader', 'farthing_operator', 'farthing_writer'] as const;

/** The role of logins for psql, BI and Grafana: granted to them, never switched to. */
const REPORTING_ROLE = 'farthing_reporting';

/** The connecting role cannot create or use the group roles; the message holds the SQL an administrator must run. */
export class RolesError extends Error {
  override readonly name = 'RolesError';
}

/**
 * Passes when the connecting role is a superuser, may create roles, or is already a member of the group roles that it
 * switches to; and when it may create tables and schemas.
 */
export async function requireRoles(client: pg.Client): Promise<void> {
  const version = await client.query<{ modern: boolean }>(
    "select current_setting('server_version_num')::int >= 160000 as modern",
  );
  const switchable = version.rows[0]?.modern === true ? "'set'" : "'member'";
  const { rows } = await client.query<{
    login: string;
    database: string;
    may_create_roles: boolean;
    may_create_tables: boolean;
    may_create_schemas: boolean;
    usable: string[];
    existing: string[];
  }>(
    `select current_user as login, current_database() as database,
            coalesce(s.rolsuper or s.rolcreaterole, false) as may_create_roles,
            has_schema_privilege(current_user, current_schema(), 'create') as may_create_tables,
            has_database_privilege(current_database(), 'create') or to_regnamespace('reporting') is not null
              as may_create_schemas,
            array(select rolname::text from pg_roles
                   where rolname = any($1) and (s.rolsuper or pg_has_role(current_user, oid, ${switchable}))) as usable,
            array(select rolname::text from pg_roles where rolname = any($1) or rolname = $2) as existing
       from pg_roles s where s.rolname = current_user`,
    [GROUP_ROLES, REPORTING_ROLE],
  );
  const found = rows[0];
  if (found === undefined) throw new RolesError('The connecting role is not visible in pg_roles.');
  const quote = (name: string) => `"${name.replaceAll('"', '""')}"`;
  const needed: string[] = [];
  for (const role of GROUP_ROLES) {
    if (found.usable.includes(role)) continue;
    const exists = found.existing.includes(role);
    if (!exists && found.may_create_roles) continue; // the migration makes it
    if (!exists) needed.push(`create role ${role} nologin;`);
    // So that the login has the role's rights only after switching to it.
    const without = switchable === "'set'" ? ' with inherit false, set true' : '';
    needed.push(`grant ${role} to ${quote(found.login)}${without};`);
  }
  if (!found.existing.includes(REPORTING_ROLE) && !found.may_create_roles) {
    needed.push(`create role ${REPORTING_ROLE} nologin;`);
  }
  if (!found.may_create_schemas) {
    needed.push(`grant create on database ${quote(found.database)} to ${quote(found.login)};`);
  }
  if (!found.may_create_tables) needed.push(`grant create, usage on schema public to ${quote(found.login)};`);
  if (needed.length === 0) return;
  throw new RolesError(
    `The role ${quote(found.login)} lacks rights that Farthing needs in database ${quote(found.database)}. ` +
      `Ask an administrator to run there:\n\n  ${needed.join('\n  ')}\n`,
  );
}
