/** `farthing keys`: API keys, made and revoked in the database by the same functions as the API's. */
import { PERMISSIONS, type Permission, ROLES, type Role } from '@farthing/contract';
import {
  type ApiKey,
  createTenantStore,
  keyAnswerOf,
  MAX_OVERLAP_SECONDS,
  type NewKey,
  type TenantStore,
} from '@farthing/server';
import { Command, Option } from 'commander';
import { withDatabase } from '../access/store-access.ts';
import { cliActor } from '../console/actor.ts';
import { collectTag, command, run } from '../console/command.ts';
import { CliError, paint, table } from '../console/output.ts';
import { typed } from '../console/typed.ts';

interface CreateOptions {
  readonly json?: boolean;
  readonly name: string;
  readonly admin?: boolean;
  readonly role?: Role;
  readonly scope?: readonly Permission[];
  readonly tenant?: string;
  readonly project?: string;
  readonly environment?: string;
  readonly agent?: string;
  readonly user?: string;
  readonly tag: Readonly<Record<string, string>>;
  readonly expires?: string;
}

export function keysCommand(): Command {
  return new Command('keys')
    .description('make, list, rotate and revoke API keys')
    .addCommand(createCommand())
    .addCommand(listCommand())
    .addCommand(rotateCommand())
    .addCommand(revokeCommand());
}

function createCommand(): Command {
  return command('create', 'make a key and print it, this once')
    .option('--name <text>', 'what the key is for', 'made on the command line')
    .option('--admin', 'an admin key: good for every tenant and for administration')
    .addOption(new Option('--role <role>', 'what it may do (default: member)').choices([...ROLES]))
    .addOption(new Option('--scope <permission...>', 'only these of its role').choices([...PERMISSIONS]))
    .option('--tenant <id>', 'the tenant of the key (default: default)')
    .option('--project <id>', 'bind everything written with the key to this project')
    .option('--environment <id>', 'bind it to this environment')
    .option('--agent <name>', 'bind it to this agent')
    .option('--user <id>', 'bind it to this user')
    .option('--tag <key=value>', 'bind it to this tag; repeatable', collectTag, {})
    .option('--expires <time>', 'RFC 3339 time at which the key ends')
    .action(
      run<CreateOptions>(async (options, output) => {
        const role = options.admin ? 'admin' : (options.role ?? 'member');
        if (role === 'admin' && (options.tenant ?? options.project) !== undefined) {
          throw new CliError('an admin key is good for every tenant: leave --tenant and --project out');
        }
        const created = await withTenants((tenants) =>
          tenants.createKey(
            {
              name: options.name,
              role,
              tenantId: role === 'admin' ? undefined : (options.tenant ?? 'default'),
              scopes: options.scope,
              bound: boundOf(options),
              expiresAt: options.expires === undefined ? undefined : readTime(options.expires),
            },
            cliActor(),
          ),
        );
        output.note('This key is shown once and kept nowhere in clear.');
        output.result({ ...keyAnswerOf(created.key), key: created.secret }, () => created.secret);
        return undefined;
      }),
    );
}

function listCommand(): Command {
  return command('list', 'list keys, newest first')
    .option('--tenant <id>', 'only keys of this tenant')
    .action(
      run<{ json?: boolean; tenant?: string }>(async ({ tenant }, output) => {
        const keys = await withTenants((tenants) => tenants.listKeys(tenant));
        output.result(keys.map(keyAnswerOf), () =>
          table(
            ['id', 'key', 'role', 'tenant', 'project', 'name', 'last used', 'state'],
            keys.map((key) => [
              key.id,
              key.prefix,
              key.role,
              key.tenantId ?? 'all',
              key.bound.project ?? '',
              key.name,
              key.lastUsedAt?.toISOString() ?? 'never',
              stateOf(key, new Date()),
            ]),
          ),
        );
        return undefined;
      }),
    );
}

function rotateCommand(): Command {
  return command('rotate', 'give a key a new secret; the old one works on for a while')
    .argument('<id>', `the id that \`${typed('keys list')}\` prints`)
    .option('--overlap <seconds>', 'how long the old secret works on', '3600')
    .action((id: string, options: { json?: boolean; overlap: string }) =>
      run<{ json?: boolean; overlap: string }>(async ({ overlap }, output) => {
        const seconds = Number(overlap);
        if (!/^\d{1,7}$/.test(overlap) || seconds > MAX_OVERLAP_SECONDS)
          throw new CliError(
            `--overlap ${overlap} is not a number of seconds from 0 to ${MAX_OVERLAP_SECONDS}`,
          );
        const rotated = await withTenants((tenants) => tenants.rotateKey(id, seconds, cliActor()));
        if (rotated === null)
          throw new CliError(`There is no key with the id ${id}; see \`${typed('keys list')}\`.`);
        output.note(`The secret before works for ${seconds} seconds more. This one is shown once.`);
        output.result({ ...keyAnswerOf(rotated.key), key: rotated.secret }, () => rotated.secret);
        return undefined;
      })(options),
    );
}

function boundOf(options: CreateOptions): NewKey['bound'] {
  const { project, environment, agent, user, tag } = options;
  const name = (given: string | undefined) => given ?? null;
  return {
    project: name(project),
    environment: name(environment),
    agent: name(agent),
    user: name(user),
    tags: tag,
  };
}

function revokeCommand(): Command {
  const revoke = command('revoke', 'end a key now').argument(
    '<id>',
    `the id that \`${typed('keys list')}\` prints`,
  );
  return revoke.action(async (id: string, options: { json?: boolean }) =>
    run(async (_options, output) => {
      const key = await withTenants((tenants) => tenants.revokeKey(id, cliActor()));
      if (key === null)
        throw new CliError(`There is no key with the id ${id}; see \`${typed('keys list')}\`.`);
      output.result(
        keyAnswerOf(key),
        () => `Revoked ${key.prefix} (${key.name}). A running server forgets it within a minute.`,
      );
      return undefined;
    })(options),
  );
}

function withTenants<Result>(work: (tenants: TenantStore) => Promise<Result>): Promise<Result> {
  return withDatabase((database) => work(createTenantStore(database)));
}

function readTime(text: string): Date {
  const time = new Date(text);
  if (Number.isNaN(time.getTime()))
    throw new CliError(`"${text}" is not a time such as 2027-01-31T00:00:00Z`);
  if (time.getTime() <= Date.now())
    throw new CliError(`--expires ${text} has passed: the key would never be good`);
  return time;
}

function stateOf(key: ApiKey, now: Date): string {
  if (key.revokedAt !== null) return paint('red', 'revoked');
  if (key.expiresAt !== null && key.expiresAt <= now) return paint('red', 'expired');
  return paint('green', 'good');
}
