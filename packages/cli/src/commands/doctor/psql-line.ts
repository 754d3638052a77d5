/** The command that opens the database with psql. */
import { typed } from '../../console/typed.ts';

/**
 * `psql '<url>'` for a connection string, without its password unless asked: then psql asks for it, or takes it from
 * PGPASSWORD or ~/.pgpass.
 *
 * @example psqlLine('postgres://farthing:x@localhost/farthing', false) // psql 'postgres://farthing@localhost/farthing'
 */
export function psqlLine(connectionString: string, showSecret: boolean): string {
  const url = new URL(connectionString);
  if (!showSecret) url.password = '';
  const line = `psql '${url.href.replaceAll("'", '%27')}'`;
  return showSecret || url.username === '' ? line : `${line}  (password: ${typed('doctor --show-secret')})`;
}

/**
 * `psql '<url>'` of a reporting login in the same database. Without its password psql asks for it.
 *
 * @example reportingPsqlLine('postgres://farthing:x@localhost/farthing', 'grafana', 'y') // psql 'postgres://grafana:y@localhost/farthing'
 */
export function reportingPsqlLine(connectionString: string, login: string, password = ''): string {
  const url = new URL(connectionString);
  url.username = login;
  url.password = password;
  return `psql '${url.href.replaceAll("'", '%27')}'`;
}
