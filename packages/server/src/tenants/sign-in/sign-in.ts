/**
 * Signing in with an address and a password, and choosing a password. Guessing reveals nothing: a wrong password, an
 * unknown address and a shut account get the same answer after the same work, and attempts are limited.
 */
import { AppError } from '@farthing/contract';
import type { Database } from '../../db/database.ts';
import { findUserLink } from '../sessions/login-link-store.ts';
import { openSession, type SignedIn } from '../sessions/open-session.ts';
import { endSessionById } from '../sessions/session-rows.ts';
import { normalEmail } from '../users/user.ts';
import { findAccount, homeOf, setHash } from './account-store.ts';
import { createFailedSignIns, type FailedSignIns, type SignInFailure } from './failed-sign-ins.ts';
import { accept, acceptOpen } from './invitation-store.ts';
import { checkNewPassword, hashPassword } from './password.ts';
import { createPasswordProof, type PasswordProof } from './prove-password.ts';

/** Origin of an attempt. */
export interface Visitor {
  /** The client's address. */
  readonly address: string;
  readonly userAgent: string | null;
}

/** Side effects of setting a password. */
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
  /** Changes the caller's password and ends every other session of the account. Returns those sessions. */
  changePassword(
    given: { readonly userId: string; readonly current: string; readonly next: string },
    session: { readonly id: string; readonly address: string },
  ): Promise<readonly string[]>;
  /**
   * Switches to another tenant; null: all of them, for an administrator. The current session ends.
   *
   * @throws AppError `not_found` if the account has no such tenant, whether it exists or not
   */
  switchTenant(
    present: { readonly userId: string; readonly sessionId: string; readonly userAgent: string | null },
    tenant: string | null,
  ): Promise<SignedIn>;
  /**
   * Sets an account's password without asking for the present one: for the command line. Every session ends. An
   * account that could sign in nowhere yet accepts its invitations by it: the operator may speak for it, a tenant may not.
   *
   * @throws AppError `not_found`, `invalid_body`; `conflict` if the account could not sign in afterwards either
   */
  setPassword(email: string, password: string, actor: string): Promise<PasswordSet>;
}

export interface SignInParts {
  readonly db: Database;
  /** Unix milliseconds. */
  readonly now: () => number;
  /** Records failed attempts; created here if absent. */
  readonly failures?: Pick<FailedSignIns, 'note'>;
}

/** Dependencies of the ways to sign in. */
interface Desk {
  readonly db: Database;
  readonly failures: Pick<FailedSignIns, 'note'>;
  readonly proof: PasswordProof;
}

/** Makes the sign-in of this process. */
export function createSignIn({ db, now, ...parts }: SignInParts): SignIn {
  const failures = parts.failures ?? createFailedSignIns({ db, now });
  const desk: Desk = { db, failures, proof: createPasswordProof(db) };
  return {
    withPassword: (given, visitor) => withPassword(desk, given, visitor),
    withLink: (given, visitor) => withLink(desk, given, visitor),
    changePassword: (given, session) => changePassword(desk, given, session),
    switchTenant: (present, tenant) => switchTenant(db, present, tenant),
    setPassword: (email, password, actor) => setPassword(db, { email, password, actor }),
  };
}

async function withPassword(
  { db, failures, proof }: Desk,
  { email: given, password, tenant }: Parameters<SignIn['withPassword']>[0],
  { address, userAgent }: Visitor,
): Promise<SignedIn> {
  const email = normalEmail(given);
  const found = await db.asOperator((tx) => findAccount(tx, email));
  const home = found === null ? undefined : homeOf(found, tenant);
  const fail = (reason: SignInFailure) =>
    failures.note({ reason, user: found, tenantId: home ?? null, address });
  const account = await proof.prove(found, { email, password, address }, fail);
  if (account !== null && home === undefined) fail('no_tenant');
  if (account === null || home === undefined) throw refused();
  return db.asOperator((tx) => openSession(tx, { userId: account.id, tenantId: home, userAgent }));
}

async function withLink(
  { db, failures, proof }: Desk,
  { token, password }: Parameters<SignIn['withLink']>[0],
  { address, userAgent }: Visitor,
): Promise<SignedIn> {
  const failBy = (reason: SignInFailure) => failures.note({ reason, user: null, tenantId: null, address });
  const giveBack = proof.attemptFrom(address, failBy);
  const link = await db.asOperator((tx) => findUserLink(tx, token));
  if (link === null) {
    failBy('link');
    throw new AppError('unauthorized', 'This link was used, is too old, or was never made. Ask for another.');
  }
  giveBack();
  const { email, password_hash: present, kind } = link;
  if (kind === 'invite' && present !== null) {
    const account = await db.asOperator((tx) => findAccount(tx, email));
    const fail = (reason: SignInFailure) =>
      failures.note({ reason, user: account, tenantId: link.tenant_id, address });
    if ((await proof.prove(account, { email, password, address }, fail)) === null)
      throw new AppError('unauthorized', `${email} has an account already: enter its password to join.`);
    return db.asOperator((tx) => accept(tx, { token, link, hash: null, userAgent }));
  }
  checkNewPassword(password, email);
  const hash = await hashPassword(password);
  return db.asOperator((tx) => accept(tx, { token, link, hash, userAgent }));
}

async function changePassword(
  { db, proof }: Desk,
  { userId, current, next }: Parameters<SignIn['changePassword']>[0],
  { id, address }: Parameters<SignIn['changePassword']>[1],
): Promise<readonly string[]> {
  const account = await db.asOperator((tx) => findAccount(tx, { id: userId }));
  // The person is already signed in, so this is not a sign-in attempt.
  const ignore = () => undefined;
  const proven =
    account && (await proof.prove(account, { email: account.email, password: current, address }, ignore));
  if (proven === null)
    throw new AppError('invalid_body', 'The present password is not right.', {
      details: [{ path: 'current', message: 'is not right' }],
    });
  checkNewPassword(next, proven.email);
  const hash = await hashPassword(next);
  return db.asOperator((tx) => setHash(tx, { userId, hash, keep: id, actor: `user:${userId}` }));
}

function switchTenant(
  db: Database,
  { userId, sessionId, userAgent }: Parameters<SignIn['switchTenant']>[0],
  tenant: string | null,
): Promise<SignedIn> {
  return db.asOperator(async (tx) => {
    const account = await findAccount(tx, { id: userId });
    const entered = tenant === null ? account?.is_admin === true : account?.tenants.includes(tenant) === true;
    if (!entered) throw new AppError('not_found', 'You are no member of a tenant with this id.');
    await endSessionById(tx, sessionId);
    return openSession(tx, { userId, tenantId: tenant, userAgent }, [sessionId]);
  });
}

async function setPassword(
  db: Database,
  { email, password, actor }: { readonly email: string; readonly password: string; readonly actor: string },
): Promise<PasswordSet> {
  const account = await db.asOperator((tx) => findAccount(tx, normalEmail(email)));
  if (account === null) throw new AppError('not_found', `There is no user ${email}.`);
  checkNewPassword(password, account.email);
  const hash = await hashPassword(password);
  return db.asOperator(async (tx) => {
    const accepted = await acceptOpen(tx, account, actor);
    const ended = await setHash(tx, { userId: account.id, hash, keep: undefined, actor });
    return { ended, accepted };
  });
}

const refused = () =>
  new AppError('unauthorized', 'The address and the password do not fit together, or the account is shut.');
