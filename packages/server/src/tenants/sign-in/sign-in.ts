/**
 * Signing in with an address and a password, and choosing one. Who guesses learns nothing: a wrong password, an unknown
 * address and a shut account get the same answer after the same work, and few attempts.
 */
import { AppError } from '@farthing/contract';
import type { Database } from '../../db/database.ts';
import { findUserLink } from '../sessions/login-link-store.ts';
import { openSession, type SignedIn } from '../sessions/open-session.ts';
import { endSession } from '../sessions/session-rows.ts';
import { normalEmail } from '../users/user.ts';
import { type Account, findAccount, homeOf, keepHash, setHash } from './account-store.ts';
import { createFailedSignIns, type FailedSignIns, type SignInFailure } from './failed-sign-ins.ts';
import { accept, acceptOpen } from './invitation-store.ts';
import { checkNewPassword, checkPassword, hashPassword } from './password.ts';
import { addressGroup, type Counted, createThrottle } from './throttle.ts';
import { createUsualPlaces } from './usual-places.ts';

/** Where an attempt comes from. */
export interface Visitor {
  /** The client's address. */
  readonly address: string;
  readonly userAgent: string | null;
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

/** One account from one address: whoever guesses there shuts nobody out elsewhere. */
const PAIR_LIMIT = { burst: 10, everyMs: 90_000 } as const;
/**
 * One account from everywhere it has not been signed in from before: more than an address can use up alone, and the bound
 * for who guesses from many.
 */
const ACCOUNT_LIMIT = { burst: 100, everyMs: 30_000 } as const;
/** Wider than an account's: behind a proxy or a company's exit many people share one. */
const ADDRESS_LIMIT = { burst: 100, everyMs: 10_000 } as const;

export interface SignInParts {
  readonly db: Database;
  /** Unix milliseconds. */
  readonly now: () => number;
  /** Told of every attempt that failed; notes of its own where absent. */
  readonly failures?: Pick<FailedSignIns, 'note'>;
}

/** Makes the sign-in of this process. */
export function createSignIn({ db, now, ...parts }: SignInParts): SignIn {
  const failures = parts.failures ?? createFailedSignIns({ db, now });
  const throttle = createThrottle({});
  const places = createUsualPlaces();
  const byAddress = (address: string): Counted => ({
    name: `address ${addressGroup(address)}`,
    limit: ADDRESS_LIMIT,
  });
  const counted = (account: string, address: string): readonly Counted[] => [
    { name: `account ${account} from ${addressGroup(address)}`, limit: PAIR_LIMIT },
    byAddress(address),
    // Its owner gets in where they were before, whatever others do elsewhere.
    ...(places.has(account, address) ? [] : [{ name: `account ${account}`, limit: ACCOUNT_LIMIT }]),
  ];

  /** Takes an attempt, or says that there were too many. */
  function take(attempt: readonly Counted[], fail: (reason: SignInFailure) => void): void {
    try {
      throttle.take(attempt);
    } catch (error) {
      fail('too_many');
      throw error;
    }
  }

  /** Checks a password under the throttle; wrong ones count. Says why where it is not good. */
  async function prove(
    account: Account | null,
    {
      email,
      password,
      address,
    }: { readonly email: string; readonly password: string; readonly address: string },
    fail: (reason: SignInFailure) => void,
  ): Promise<Account | null> {
    const attempt = counted(email, address);
    take(attempt, fail);
    const check = await checkPassword(password, account?.password_hash ?? null);
    if (!check.ok || account === null || account.disabled) {
      fail(check.ok && account !== null ? 'shut' : 'password');
      return null;
    }
    throttle.giveBack(attempt);
    places.add(email, address);
    // Hashed at another cost: kept at today's from now on.
    if (check.outdated) await keepHash(db, account.id, await hashPassword(password));
    return account;
  }

  return {
    async withPassword({ email: given, password, tenant }, { address, userAgent }) {
      const email = normalEmail(given);
      const found = await db.asOperator((tx) => findAccount(tx, email));
      const home = found === null ? undefined : homeOf(found, tenant);
      const fail = (reason: SignInFailure) =>
        failures.note({ reason, user: found, tenantId: home ?? null, address });
      const account = await prove(found, { email, password, address }, fail);
      if (account !== null && home === undefined) fail('no_tenant');
      if (account === null || home === undefined) throw refused();
      return db.asOperator((tx) => openSession(tx, { userId: account.id, tenantId: home, userAgent }));
    },

    async withLink({ token, password }, { address, userAgent }) {
      const counts = [byAddress(address)];
      const failBy = (reason: SignInFailure) =>
        failures.note({ reason, user: null, tenantId: null, address });
      take(counts, failBy);
      const link = await db.asOperator((tx) => findUserLink(tx, token));
      if (link === null) {
        failBy('link');
        throw new AppError(
          'unauthorized',
          'This link was used, is too old, or was never made. Ask for another.',
        );
      }
      throttle.giveBack(counts);
      const { email, password_hash: present, kind } = link;
      if (kind === 'invite' && present !== null) {
        const account = await db.asOperator((tx) => findAccount(tx, email));
        const fail = (reason: SignInFailure) =>
          failures.note({ reason, user: account, tenantId: link.tenant_id, address });
        if ((await prove(account, { email, password, address }, fail)) === null)
          throw new AppError('unauthorized', `${email} has an account already: enter its password to join.`);
        return db.asOperator((tx) => accept(tx, { token, link, hash: null, userAgent }));
      }
      checkNewPassword(password, email);
      const hash = await hashPassword(password);
      return db.asOperator((tx) => accept(tx, { token, link, hash, userAgent }));
    },

    async changePassword({ userId, current, next }, { id, address }) {
      const account = await db.asOperator((tx) => findAccount(tx, { id: userId }));
      // Somebody who is signed in: no attempt to get in.
      const ignore = () => undefined;
      const proven =
        account && (await prove(account, { email: account.email, password: current, address }, ignore));
      if (proven === null)
        throw new AppError('invalid_body', 'The present password is not right.', {
          details: [{ path: 'current', message: 'is not right' }],
        });
      checkNewPassword(next, proven.email);
      const hash = await hashPassword(next);
      return db.asOperator((tx) => setHash(tx, { userId, hash, keep: id, actor: `user:${userId}` }));
    },

    switchTenant: ({ userId, sessionId, userAgent }, tenant) =>
      db.asOperator(async (tx) => {
        const account = await findAccount(tx, { id: userId });
        const entered =
          tenant === null ? account?.is_admin === true : account?.tenants.includes(tenant) === true;
        if (!entered) throw new AppError('not_found', 'You are no member of a tenant with this id.');
        await endSession(tx, sessionId);
        return openSession(tx, { userId, tenantId: tenant, userAgent }, [sessionId]);
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
