/** The command that opens the database with psql. */

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
  return showSecret || url.username === '' ? line : `${line}  (password: farthing doctor --show-secret)`;
}
