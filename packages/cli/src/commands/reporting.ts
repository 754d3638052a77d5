/** `farthing reporting`: logins for psql, BI and Grafana on the schema `reporting`. */
import {
  createReportingLogin,
  listReportingLogins,
  type OpenRight,
  openReportingRights,
  removeReportingLogin,
} from '@farthing/server';
import { Command } from 'commander';
import { withDatabase } from '../access/store-access.ts';
import { cliActor } from '../console/actor.ts';
import { command, run } from '../console/command.ts';
import { CliError, table } from '../console/output.ts';
import { reportingPsqlLine } from './doctor/psql-line.ts';

interface CreateOptions {
  readonly json?: boolean;
  readonly tenant?: string;
}

export function reportingCommand(): Command {
  return new Command('reporting')
    .description('read-only database logins for psql, BI and Grafana')
    .addCommand(createCommand())
    .addCommand(listCommand())
    .addCommand(removeCommand());
}

function createCommand(): Command {
  return command('create', 'make a login that reads the schema "reporting"')
    .argument('<login>', 'name of the role in PostgreSQL')
    .option('--tenant <id>', 'sees this tenant only (default: every tenant)')
    .action((login: string, options: CreateOptions) =>
      run<CreateOptions>(async ({ tenant = null }, output) => {
        const made = await withDatabase(async (database, connectionString) => {
          const password = await createReportingLogin(database, { login, tenantId: tenant }, cliActor());
          const open = await openReportingRights(database);
          return { password, psql: reportingPsqlLine(connectionString, login, password), open };
        });
        output.result(
          { login, tenant, ...made },
          () =>
            `Made ${login}; its password is shown this once.\n${made.psql} -c 'select * from cost_by_model'${stillOpen(made.open)}`,
        );
        return undefined;
      })(options),
    );
}

/** Only for an operator's own PostgreSQL: the embedded one has already revoked them from public. */
function stillOpen(rights: readonly OpenRight[]): string {
  if (rights.length === 0) return '';
  const lines = rights.flatMap(({ what, sql }) => [`-- It can still ${what}:`, ...sql]);
  return `\n\nA superuser can bound it further, in this database:\n${lines.join('\n')}`;
}

function listCommand(): Command {
  return command('list', 'list the logins').action(
    run(async (_options, output) => {
      const logins = await withDatabase(listReportingLogins);
      output.result(
        logins.map(({ login, tenantId, createdAt }) => ({ login, tenant: tenantId, created_at: createdAt })),
        () =>
          table(
            ['login', 'tenant', 'made'],
            logins.map(({ login, tenantId, createdAt }) => [
              login,
              tenantId ?? 'every tenant',
              createdAt.toISOString(),
            ]),
          ),
      );
      return undefined;
    }),
  );
}

function removeCommand(): Command {
  return command('remove', 'remove a login from the database')
    .argument('<login>')
    .action((login: string, options: { readonly json?: boolean }) =>
      run<{ json?: boolean }>(async (_options, output) => {
        const removed = await withDatabase((database) => removeReportingLogin(database, login, cliActor()));
        if (!removed) throw new CliError(`There is no reporting login "${login}".`);
        output.result({ removed: login }, () => `Removed ${login}.`);
        return undefined;
      })(options),
    );
}
