/** `farthing users`: people who sign in to the dashboard, by the same functions as the API's. */
import { MEMBER_ROLES, type MemberRole } from '@farthing/contract';
import {
  createSignIn,
  createUserStore,
  type Database,
  DEFAULT_TENANT,
  loadConfig,
  readEnv,
  type User,
  type UserStore,
  userAnswerOf,
  welcomeUrl,
} from '@farthing/server';
import { Command, Option } from 'commander';
import { findServer } from '../access/server-file.ts';
import { withDatabase } from '../access/store-access.ts';
import { cliActor } from '../console/actor.ts';
import { command, run } from '../console/command.ts';
import { CliError, EXIT, paint, table } from '../console/output.ts';
import { readPassword } from '../console/read-password.ts';
import { typed } from '../console/typed.ts';

interface CreateOptions {
  readonly json?: boolean;
  readonly name?: string;
  readonly admin?: boolean;
  readonly role: MemberRole;
  readonly tenant: string;
}

interface TenantOptions {
  readonly json?: boolean;
  readonly tenant?: string;
}

export function usersCommand(): Command {
  return new Command('users')
    .description('invite, list and shut out people who sign in to the dashboard')
    .addCommand(createCommand())
    .addCommand(listCommand())
    .addCommand(disableCommand('disable', true))
    .addCommand(disableCommand('enable', false))
    .addCommand(passwordCommand())
    .addCommand(linkCommand());
}

function createCommand(): Command {
  return command('create', 'invite somebody: print a link with which they choose their password')
    .argument('<email>', 'their address; they sign in with it')
    .option('--name <text>', 'what people call them')
    .option('--admin', 'an administrator of every tenant')
    .addOption(new Option('--role <role>', 'what they may do').choices([...MEMBER_ROLES]).default('member'))
    .option('--tenant <id>', 'where', DEFAULT_TENANT)
    .action((email: string, options: CreateOptions) =>
      run<CreateOptions>(async ({ name, admin, role, tenant }, output) => {
        const as = admin === true ? ({ role: 'admin' } as const) : { role, tenantId: tenant };
        const { user, link } = await withUsers((users) => users.invite({ email, name, as }, cliActor()));
        const url = welcomeUrl(await address(), link.token);
        output.result({ ...userAnswerOf(user), link: { url, expires_at: link.expiresAt } }, () =>
          told(url, link),
        );
        return undefined;
      })(options),
    );
}

function listCommand(): Command {
  return command('list', 'list people and what they are where')
    .option('--tenant <id>', 'only members of this tenant')
    .action(
      run<TenantOptions>(async ({ tenant }, output) => {
        const users = await withUsers((store) => store.list(tenant ?? null));
        output.result(users.map(userAnswerOf), () =>
          table(
            ['address', 'name', 'tenants', 'last seen', 'state'],
            users.map((user) => [
              user.email,
              user.name ?? '',
              tenantsOf(user),
              user.lastSeenAt?.toISOString() ?? 'never',
              user.disabledAt === null ? paint('green', 'good') : paint('red', 'disabled'),
            ]),
          ),
        );
        return undefined;
      }),
    );
}

function disableCommand(verb: 'disable' | 'enable', disabled: boolean): Command {
  const about = disabled
    ? 'shut somebody out: of a tenant, or altogether; sessions end'
    : 'let somebody in again';
  return command(verb, about)
    .argument('<email>', 'their address')
    .option('--tenant <id>', 'only of this tenant (default: the whole account)')
    .action((email: string, options: TenantOptions) =>
      run<TenantOptions>(async ({ tenant }, output) => {
        const user = await withUsers(async (users) => {
          const { id } = await byEmail(users, email);
          const changed =
            tenant === undefined
              ? await users.setDisabled(id, disabled, cliActor())
              : await users.changeMember(id, tenant, { disabled }, cliActor());
          if (changed === null) throw new CliError(`${email} is no member of ${tenant ?? 'any tenant'}.`);
          return changed.user;
        });
        const done = disabled
          ? 'is shut out; a running server forgets their sessions within seconds'
          : 'is in again';
        output.result(userAnswerOf(user), () => `${user.email} ${done}.`);
        return undefined;
      })(options),
    );
}

function passwordCommand(): Command {
  return command('set-password', 'set somebody’s password: typed, or the first line of standard input')
    .argument('<email>', 'their address')
    .action((email: string, options: { json?: boolean }) =>
      run(async (_options, output) => {
        const password = await readPassword(`New password of ${email}: `);
        const { ended, accepted } = await withDatabase((db) =>
          createSignIn({ db, now: Date.now }).setPassword(email, password, cliActor()),
        );
        const joined = accepted.map((tenant) => tenant ?? 'every tenant, as an administrator').join(', ');
        output.result(
          { email, ended_sessions: ended.length, accepted },
          () =>
            `The password of ${email} is set; ${ended.length} sessions ended.${joined === '' ? '' : ` Accepted the invitation to ${joined}.`}`,
        );
        return undefined;
      })(options),
    );
}

function linkCommand(): Command {
  return command('link', 'print a new link: the invitation again, or one to choose a new password with')
    .argument('<email>', 'their address')
    .action((email: string, options: { json?: boolean }) =>
      run(async (_options, output) => {
        const made = await withUsers(async (users) => {
          const { id } = await byEmail(users, email);
          return users.makeLink(id, null, cliActor());
        });
        if (made === null) throw new CliError(`There is no user ${email}.`);
        const url = welcomeUrl(await address(), made.link.token);
        output.result({ url, kind: made.link.kind, expires_at: made.link.expiresAt }, () =>
          told(url, made.link),
        );
        return undefined;
      })(options),
    );
}

const told = (url: string, { expiresAt }: { readonly expiresAt: Date }): string =>
  `${paint('bold', url)}\nGive it to them; it works once, until ${expiresAt.toISOString()}.`;

async function byEmail(users: UserStore, email: string): Promise<User> {
  const user = await users.findByEmail(email);
  if (user === null)
    throw new CliError(`There is no user ${email}; see \`${typed('users list')}\`.`, EXIT.failed);
  return user;
}

function withUsers<Result>(work: (users: UserStore) => Promise<Result>): Promise<Result> {
  return withDatabase((database: Database) => work(createUserStore(database)));
}

/** Where the dashboard is reached. */
async function address(): Promise<string> {
  const config = loadConfig(readEnv());
  const server = await findServer(config.dataDir);
  return config.http.publicUrl ?? server?.url ?? `http://${config.http.host}:${config.http.port}`;
}

function tenantsOf({ isAdmin, memberships }: User): string {
  const of = memberships.map(({ tenantId, role, acceptedAt, disabledAt }) => {
    const state = disabledAt === null ? (acceptedAt === null ? ', invited' : '') : ', disabled';
    return `${tenantId} (${role}${state})`;
  });
  return [...(isAdmin ? ['every one (admin)'] : []), ...of].join(', ');
}
