/**
 * Rights that PostgreSQL gives to every login of a database unasked, and that a reporting login must not have: to fill the
 * disk with large objects or forced log records, to run code of its own, to take advisory locks. Only a superuser can
 * revoke them from `public`. The embedded database does so by itself; elsewhere an administrator runs the printed
 * statements.
 */
import pg from 'pg';
import type { Tx } from '../tx.ts';

/** The role that must not have these rights: the group role of all reporting logins. */
const REPORTING = 'farthing_reporting';

/** Functions with effects beyond the calling session; Farthing uses none of them. */
const FUNCTIONS = `
  select p.oid, p.oid::regprocedure::text as name from pg_proc p
   where p.pronamespace = 'pg_catalog'::regnamespace
     and (p.proname ~ '^lo_' or p.proname ~ '^pg_(try_)?advisory_'
          or p.proname in ('loread', 'lowrite', 'pg_notify', 'pg_logical_emit_message', 'pg_export_snapshot',
                           'txid_current', 'pg_current_xact_id'))`;

/** A right that is still the public's. */
export interface OpenRight {
  /** What a reporting login can do with it. */
  readonly what: string;
  /** What a superuser runs in this database. */
  readonly sql: readonly string[];
}

/**
 * Rights that a reporting login still has in this database and only a superuser can revoke; empty if there are none.
 * `owner` keeps each right.
 *
 * @example for (const { what, sql } of await openRights(tx, 'farthing')) console.log(what, sql.join('\n'));
 */
export async function openRights(tx: Tx, owner: string): Promise<readonly OpenRight[]> {
  const { rows } = await tx.query<{ functions: string | null; language: boolean; files: boolean }>(
    `select (select string_agg(f.name, ', ' order by f.name) from (${FUNCTIONS}) f
              where has_function_privilege('public', f.oid, 'execute')) as functions,
            has_language_privilege('public', 'plpgsql', 'usage') as language,
            not has_parameter_privilege($1, 'temp_file_limit', 'set') as files`,
    [owner],
  );
  const [found] = rows;
  if (found === undefined) return [];
  const keeper = pg.escapeIdentifier(owner);
  const open: OpenRight[] = [];
  if (found.functions !== null) {
    open.push({
      what: 'write large objects and forced log records, which stay on the disk, and take advisory locks',
      sql: [
        `revoke execute on function ${found.functions} from public;`,
        `grant execute on function ${found.functions} to ${keeper};`,
      ],
    });
  }
  if (found.language) {
    open.push({
      what: 'run loops of its own on the server (do $$ … $$)',
      sql: [
        'revoke usage on language plpgsql from public;',
        `grant usage on language plpgsql to ${keeper} with grant option;`,
      ],
    });
  }
  if (found.files) {
    open.push({
      what: 'fill the disk with the temporary files of a large sort',
      sql: [`grant set on parameter temp_file_limit to ${keeper};`],
    });
  }
  return open;
}

/** Takes them from the public. As superuser, in the database in question; safe to repeat. */
export async function closeToPublic(tx: Tx, owner: string): Promise<void> {
  for (const { sql } of await openRights(tx, owner)) for (const statement of sql) await tx.query(statement);
}

/** Temporary tables, which the owner of the database can forbid: true where a reporting login may still make them. */
export async function mayMakeTemporaryTables(tx: Tx): Promise<boolean> {
  const { rows } = await tx.query<{ may: boolean }>(
    `select has_database_privilege($1, current_database(), 'temporary') as may`,
    [REPORTING],
  );
  return rows[0]?.may === true;
}
