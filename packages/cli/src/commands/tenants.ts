/** `farthing tenants`: the paying organisations of this ledger. */
import { createTenantStore, setTenantZone, tenantAnswerOf } from '@farthing/server';
import { Command } from 'commander';
import { withDatabase } from '../access/store-access.ts';
import { cliActor } from '../console/actor.ts';
import { command, run } from '../console/command.ts';
import { CliError, EXIT, table } from '../console/output.ts';
import { typed } from '../console/typed.ts';

interface CreateOptions {
  readonly json?: boolean;
  readonly name?: string;
  readonly timeZone?: string;
}

export function tenantsCommand(): Command {
  return new Command('tenants')
    .description('make, change and list tenants')
    .addCommand(createCommand())
    .addCommand(changeCommand())
    .addCommand(listCommand());
}

function createCommand(): Command {
  return command('create', 'make a tenant')
    .argument('<id>', 'lower-case letters, digits, - and _; events name it so')
    .option('--name <text>', 'what people call it (default: the id)')
    .option('--time-zone <zone>', 'IANA zone of its days and months (default: UTC)')
    .action((id: string, options: CreateOptions) =>
      run<CreateOptions>(async ({ name, timeZone }, output) => {
        const tenant = await withDatabase((database) =>
          createTenantStore(database).createTenant({ id, name, timeZone }, cliActor()),
        );
        output.result(
          tenantAnswerOf(tenant),
          () => `Made ${tenant.id}. A key for it: ${typed(`keys create --tenant ${tenant.id}`)}`,
        );
        return undefined;
      })(options),
    );
}

function changeCommand(): Command {
  return command('change', 'give a tenant another name or time zone; its days are cut anew')
    .argument('<id>', 'the tenant')
    .option('--name <text>', 'what people call it')
    .option('--time-zone <zone>', 'IANA zone of its days and months')
    .action((id: string, options: CreateOptions) =>
      run<CreateOptions>(async ({ name, timeZone }, output) => {
        if ((name ?? timeZone) === undefined)
          throw new CliError('say what to change: --name, --time-zone', EXIT.usage);
        const tenant = await withDatabase(async (database) => {
          const found = await createTenantStore(database).updateTenant(id, { name, timeZone }, cliActor());
          if (found === null)
            throw new CliError(`There is no tenant "${id}"; see \`${typed('tenants list')}\`.`);
          if (timeZone === undefined || timeZone === found.timeZone) return found;
          await setTenantZone(database, id, timeZone);
          return { ...found, timeZone };
        });
        output.result(
          tenantAnswerOf(tenant),
          () => `${tenant.id}: ${tenant.name}, days in ${tenant.timeZone}`,
        );
        return undefined;
      })(options),
    );
}

function listCommand(): Command {
  return command('list', 'list tenants').action(
    run(async (_options, output) => {
      const tenants = await withDatabase((database) => createTenantStore(database).listTenants());
      output.result(tenants.map(tenantAnswerOf), () =>
        table(
          ['id', 'name', 'time zone', 'made'],
          tenants.map((tenant) => [tenant.id, tenant.name, tenant.timeZone, tenant.createdAt.toISOString()]),
        ),
      );
      return undefined;
    }),
  );
}
