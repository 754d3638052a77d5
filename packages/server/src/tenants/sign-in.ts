/**
 * Signing in with an address and a password, and choosing one. Who guesses learns nothing: a wrong password, an unknown
 * address and a shut account get the same answer after the same work, and few attempts.
 */
import { AppError } from '@farthing/contract';
import type { Database, Tx } from '../db/database.ts';
import { audit } from './audit.ts';
import { findUserLink, type OpenedLink, useUserLink } from './login-link.ts';
import { checkNewPassword, checkPassword, hashPassword } from './password.ts';
import { endSessionsOf, openUserSession } from './session-rows.ts';
import { addressGroup, type Counted, createThrottle } from './throttle.ts';
import { normalEmail } from './user.ts';

/** Where an attempt comes from. */
export interface Visitor {
  /** The peer's address. */
  readonly address: string;
  readonly userAgent: string | null;
}

/** A session that was opened, and those that ended for it. */
export interface SignedIn {
  readonly secret: string;
  readonly sessionId: string;
  /** Null: an administrator, who sees every tenant. */
  readonly tenantId: string | null;
  readonly ended: readonly string[];
}

/** What setting a password did besides. */
export interface PasswordSet {
  /** Sessions that ended. */
  readonly ended: readonly string[];
  /** Tenants whose invitations it accepted; null among them: that of an administrator. */
  readonly accepted: readonly (string | null)[];
}

export interface SignIn {
  /**
   * Opens a session for an account: for every tenant where it is an administrator's, else for `tenant`, else for the first
   * it is a member of.
   *
   * @throws AppError `unauthorized`, always in the same words; `rate_limited`
   */
  withPassword(
    given: { readonly email: string; readonly password: string; readonly tenant?: string | undefined },
    visitor: Visitor,
  ): Promise<SignedIn>;
  /**
   * Accepts an invitation or sets a new password, by the token of its link, and opens a session. An account that has a
   * password is asked for it when it is invited; a link never takes an account over.
   *
   * @throws AppError `unauthorized`, `rate_limited`, `invalid_body`
   */
  withLink(given: { readonly token: string; readonly password: string }, visitor: Visitor): Promise<SignedIn>;
  /** Changes one's own password; every other session of the account ends. Answers those. */
  changePassword(
    given: { readonly userId: string; readonly current: string; readonly next: string },
    session: { readonly id: string; readonly address: string },
  ): Promise<readonly string[]>;
  /**
   * Goes on in another tenant; null: all of them, for an administrator. The present session ends.
   *
   * @throws AppError `not_found` where the account has no such tenant, whether it exists or not
   */
  switchTenant(
    present: { readonly userId: string; readonly sessionId: string; readonly userAgent: string | null },
    tenant: string | null,
  ): Promise<SignedIn>;
  /**
   * Sets an account's password without asking for the present one: for the command line. Every session ends. Who could
   * sign in nowhere yet accepts his invitations by it: the operator speaks for him, where a tenant's invitation may not.
   *
   * @throws AppError `not_found`, `invalid_body`; `conflict` where the account could not sign in afterwards either
   */
  setPassword(email: string, password: string, actor: string): Promise<PasswordSet>;
}

const ACCOUNT_LIMIT = { burst: 10, everyMs: 90_000 } as const;
/** Wider than an account's: behind a proxy or a company's exit many people share one. */
const ADDRESS_LIMIT = { burst: 100, everyMs: 10_000 } as const;

/** Makes the sign-in of this process. `now`: Unix milliseconds. */
export function createSignIn({ db, now }: { readonly db: Database; readonly now: () => number }): SignIn {
  const throttle = createThrottle({ now });
  const counted = (account: string, address: string): readonly Counted[] => [
    { name: `account ${account}`, limit: ACCOUNT_LIMIT },
    { name: `address ${addressGroup(address)}`, limit: ADDRESS_LIMIT },
  ];

  /** Checks a password under the throttle; wrong ones count. */
  async function prove(account: Account | null, email: string, password: string, address: string) {
    const attempt = counted(email, address);
    throttle.take(attempt);
    const check = await checkPassword(password, account?.password_hash ?? null);
    if (!check.ok || account === null || account.disabled) return null;
    throttle.giveBack(attempt);
    // Hashed at another cost: kept at today's from now on.
    if (check.outdated) await keepHash(db, account.id, await hashPassword(password));
    return account;
  }

  return {
    async withPassword({ email: given, password, tenant }, { address, userAgent }) {
      const email = normalEmail(given);
      const found = await db.asOperator((tx) => findAccount(tx, email));
      const account = await prove(found, email, password, address);
      const tenantId = account === null ? undefined : homeOf(account, tenant);
      if (account === null || tenantId === undefined) throw refused();
      return db.asOperator((tx) => open(tx, { userId: account.id, tenantId, userAgent }));
    },

    async withLink({ token, password }, { address, userAgent }) {
      const counts = counted('links', address).slice(1);
      throttle.take(counts);
      const link = await db.asOperator((tx) => findUserLink(tx, token));
      if (link === null)
        throw new AppError(
          'unauthorized',
          'This link was used, is too old, or was never made. Ask for another.',
        );
      throttle.giveBack(counts);
      const { email, password_hash: present, kind } = link;
      if (kind === 'invite' && present !== null) {
        const account = await db.asOperator((tx) => findAccount(tx, email));
        if ((await prove(account, email, password, address)) === null)
          throw new AppError('unauthorized', `${email} has an account already: enter its password to join.`);
        return db.asOperator((tx) => accept(tx, { token, link, hash: null, userAgent }));
      }
      checkNewPassword(password, email);
      const hash = await hashPassword(password);
      return db.asOperator((tx) => accept(tx, { token, link, hash, userAgent }));
    },

    async changePassword({ userId, current, next }, { id, address }) {
      const account = await db.asOperator((tx) => findAccount(tx, { id: userId }));
      if (account === null || (await prove(account, account.email, current, address)) === null)
        throw new AppError('invalid_body', 'The present password is not right.', {
          details: [{ path: 'current', message: 'is not right' }],
        });
      checkNewPassword(next, account.email);
      const hash = await hashPassword(next);
      return db.asOperator((tx) => setHash(tx, { userId, hash, keep: id, actor: `user:${userId}` }));
    },

    switchTenant: ({ userId, sessionId, userAgent }, tenant) =>
      db.asOperator(async (tx) => {
        const account = await findAccount(tx, { id: userId });
        const entered =
          tenant === null ? account?.is_admin === true : account?.tenants.includes(tenant) === true;
        if (!entered) throw new AppError('not_found', 'You are no member of a tenant with this id.');
        await tx.query('update sessions set revoked_at = now() where id = $1', [sessionId]);
        return open(tx, { userId, tenantId: tenant, userAgent }, [sessionId]);
      }),

    async setPassword(email, password, actor) {
      const account = await db.asOperator((tx) => findAccount(tx, normalEmail(email)));
      if (account === null) throw new AppError('not_found', `There is no user ${email}.`);
      checkNewPassword(password, account.email);
      const hash = await hashPassword(password);
      return db.asOperator(async (tx) => {
        const accepted = await acceptOpen(tx, account, actor);
        const ended = await setHash(tx, { userId: account.id, hash, keep: undefined, actor });
        return { ended, accepted };
      });
    },
  };
}

const refused = () =>
  new AppError('unauthorized', 'The address and the password do not fit together, or the account is shut.');

interface Account {
  readonly id: string;
  readonly email: string;
  readonly password_hash: string | null;
  readonly disabled: boolean;
  readonly is_admin: boolean;
  /** Tenants that it may enter, by id. */
  readonly tenants: readonly string[];
}

async function findAccount(tx: Tx, by: string | { readonly id: string }): Promise<Account | null> {
  const { rows } = await tx.query<Account>(
    `select u.id, u.email, u.password_hash, u.disabled_at is not null as disabled, u.is_admin,
            array(select m.tenant_id from memberships m where m.user_id = u.id and m.accepted_at is not null
                     and m.disabled_at is null order by m.tenant_id) as tenants
       from users u where ${typeof by === 'string' ? 'u.email = $1' : 'u.id = $1::uuid'}`,
    [typeof by === 'string' ? by : by.id],
  );
  return rows[0] ?? null;
}

/** Where a session leads; undefined: nowhere. */
function homeOf(account: Account, asked: string | undefined): string | null | undefined {
  if (account.is_admin && asked === undefined) return null;
  return asked === undefined ? account.tenants[0] : account.tenants.find((tenant) => tenant === asked);
}

interface Opening {
  readonly userId: string;
  readonly tenantId: string | null;
  readonly userAgent: string | null;
}

async function open(tx: Tx, opening: Opening, ended: readonly string[] = []): Promise<SignedIn> {
  const { id, secret } = await openUserSession(tx, opening);
  const { userId, tenantId } = opening;
  const details = { session: id };
  await audit(tx, { actor: `user:${userId}`, action: 'session.create', tenantId, details });
  return { secret, sessionId: id, tenantId, ended };
}

interface Acceptance {
  readonly token: string;
  readonly link: OpenedLink;
  /** A new password's hash; null where the account keeps the one it has. */
  readonly hash: string | null;
  readonly userAgent: string | null;
}

async function accept(tx: Tx, { token, link, hash, userAgent }: Acceptance): Promise<SignedIn> {
  const { kind, user_id: userId, tenant_id: tenantId } = link;
  if (!(await useUserLink(tx, token)))
    throw new AppError('unauthorized', 'This link was used a moment ago. Sign in instead.');
  const actor = `user:${userId}`;
  const first = kind === 'invite' && link.password_hash === null;
  const ended = hash === null ? [] : await setHash(tx, { userId, hash, keep: undefined, actor, first });
  if (kind === 'invite') {
    await join(tx, { userId, tenantId, actor });
    return open(tx, { userId, tenantId, userAgent }, ended);
  }
  const account = await findAccount(tx, { id: userId });
  const home = account === null ? undefined : homeOf(account, undefined);
  if (home === undefined)
    throw new AppError('unauthorized', 'This account has no tenant any more: ask for an invitation.');
  return open(tx, { userId, tenantId: home, userAgent }, ended);
}

interface Joining {
  readonly userId: string;
  /** Null: as an administrator of them all. */
  readonly tenantId: string | null;
  readonly actor: string;
}

async function join(tx: Tx, { userId, tenantId, actor }: Joining): Promise<void> {
  if (tenantId === null) await tx.query('update users set is_admin = true where id = $1', [userId]);
  else
    await tx.query(
      'update memberships set accepted_at = coalesce(accepted_at, now()) where user_id = $1 and tenant_id = $2',
      [userId, tenantId],
    );
  await audit(tx, { actor, action: 'user.accept', tenantId, details: { user_id: userId } });
}

/** Accepts what an account was invited to that can enter nothing yet, and uses the links up. */
async function acceptOpen(
  tx: Tx,
  { id: userId, email, is_admin, tenants }: Account,
  actor: string,
): Promise<readonly (string | null)[]> {
  if (is_admin || tenants.length > 0) return [];
  const { rows } = await tx.query<{ tenant_id: string | null; open: boolean }>(
    `select tenant_id, accepted_at is null as open from memberships where user_id = $1
     union all
     select null, true from login_links
      where user_id = $1 and kind = 'invite' and tenant_id is null and used_at is null and expires_at > now()`,
    [userId],
  );
  if (rows.length === 0)
    throw new AppError(
      'conflict',
      `${email} has not accepted the invitation yet, and it is too old: invite them again.`,
    );
  const accepted = rows.filter(({ open }) => open).map(({ tenant_id }) => tenant_id);
  for (const tenantId of accepted) await join(tx, { userId, tenantId, actor });
  await tx.query(
    "update login_links set used_at = now() where user_id = $1 and kind = 'invite' and used_at is null",
    [userId],
  );
  return accepted;
}

interface NewHash {
  readonly userId: string;
  readonly hash: string;
  readonly keep: string | undefined;
  readonly actor: string;
  /** The account must have had none: another invitation may have been accepted while this one was read. */
  readonly first?: boolean;
}

/** Stores a password that was chosen; sessions that the old one opened end. */
async function setHash(
  tx: Tx,
  { userId, hash, keep, actor, first = false }: NewHash,
): Promise<readonly string[]> {
  const { rowCount } = await tx.query(
    `update users set password_hash = $2, password_changed_at = now()
      where id = $1 and (not $3 or password_hash is null)`,
    [userId, hash, first],
  );
  if (rowCount === 0) throw new AppError('unauthorized', 'This account was changed a moment ago; try again.');
  await audit(tx, { actor, action: 'user.password', tenantId: null, details: { user_id: userId } });
  return endSessionsOf(tx, { userId, keep });
}

async function keepHash(db: Database, userId: string, hash: string): Promise<void> {
  await db.asOperator((tx) =>
    tx.query('update users set password_hash = $2 where id = $1', [userId, hash]).then(() => undefined),
  );
}
