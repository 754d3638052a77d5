/** Users in the database. Every change writes its line of the audit log in the same transaction. */
import { AppError, type MemberRole } from '@farthing/contract';
import type { Database, Tx } from '../../db/database.ts';
import { audit } from '../audit/write-audit.ts';
import { makeUserLink, type UserLink } from '../sessions/login-link-store.ts';
import { endSessionsOf } from '../sessions/session-rows.ts';
import { INVITE_DAYS, normalEmail, RESET_HOURS, type User } from './user.ts';
import { readUsers } from './user-rows.ts';

export interface Invitation {
  readonly email: string;
  readonly name?: string | undefined;
  /** Their role and tenant; administrators belong to no tenant. */
  readonly as: { readonly role: 'admin' } | { readonly role: MemberRole; readonly tenantId: string };
}

/** A user and the link to send; its token is shown once. */
export interface InvitedUser {
  readonly user: User;
  readonly link: UserLink;
}

/** A change to a user, and the sessions that ended by it. */
export interface ChangedUser {
  readonly user: User;
  readonly ended: readonly string[];
}

export interface MemberChange {
  readonly role?: MemberRole | undefined;
  readonly disabled?: boolean | undefined;
}

/** If a tenant is given, users who are not its members are treated as unknown. */
export interface UserStore {
  /**
   * Creates an account if there is none, and a link that works once. The person gets the role after opening the link
   * with the account's password: a new account chooses one, an existing one uses its own. Refuses an existing member
   * (`conflict`) and an unknown tenant (`unknown_tenant`).
   */
  invite(invitation: Invitation, actor: string): Promise<InvitedUser>;
  /** All users, or the members of one tenant, by address. */
  list(tenantId: string | null): Promise<readonly User[]>;
  get(id: string, tenantId: string | null): Promise<User | null>;
  findByEmail(email: string): Promise<User | null>;
  /** Another role in a tenant, or none for a while; their sessions there end when they are disabled. */
  changeMember(
    id: string,
    tenantId: string,
    change: MemberChange,
    actor: string,
  ): Promise<ChangedUser | null>;
  /** Shuts an account, or opens it again. All its sessions end. */
  setDisabled(id: string, disabled: boolean, actor: string): Promise<ChangedUser | null>;
  /** Ends a membership; without a tenant removes the account. Returns the sessions that ended. */
  remove(id: string, tenantId: string | null, actor: string): Promise<readonly string[] | null>;
  /** A link for setting a new password, if the account has one; a new invitation if the last was not accepted. */
  makeLink(id: string, tenantId: string | null, actor: string): Promise<InvitedUser | null>;
}

/** The store on Postgres. */
export function createUserStore(db: Database): UserStore {
  const one = (tx: Tx, id: string, tenantId: string | null) =>
    readUsers(tx, { id, tenantId }).then(([user]) => user ?? null);
  return {
    invite: (invitation, actor) => db.asOperator((tx) => invite(tx, invitation, actor)),
    list: (tenantId) => db.asOperator((tx) => readUsers(tx, { tenantId })),
    get: (id, tenantId) => db.asOperator((tx) => one(tx, id, tenantId)),
    findByEmail: (email) =>
      db.asOperator(async (tx) => {
        const [user] = await readUsers(tx, { email: normalEmail(email), tenantId: null });
        return user ?? null;
      }),
    changeMember: (id, tenantId, change, actor) =>
      db.asOperator(async (tx) => {
        const ended = await changeMember(tx, { id, tenantId }, change, actor);
        const user = ended === null ? null : await one(tx, id, tenantId);
        return user === null || ended === null ? null : { user, ended };
      }),
    setDisabled: (id, disabled, actor) =>
      db.asOperator(async (tx) => {
        const { rowCount } = await tx.query(
          'update users set disabled_at = case when $2 then coalesce(disabled_at, now()) end where id = $1',
          [id, disabled],
        );
        if (rowCount === 0) return null;
        const action = disabled ? 'user.disable' : 'user.enable';
        await audit(tx, { actor, action, tenantId: null, details: { user_id: id } });
        const ended = disabled ? await endSessionsOf(tx, { userId: id }) : [];
        const user = await one(tx, id, null);
        return user === null ? null : { user, ended };
      }),
    remove: (id, tenantId, actor) => db.asOperator((tx) => remove(tx, { id, tenantId }, actor)),
    makeLink: (id, tenantId, actor) =>
      db.asOperator(async (tx) => {
        const user = await one(tx, id, tenantId);
        if (user === null) return null;
        return { user, link: await linkAgain(tx, user, tenantId, actor) };
      }),
  };
}

async function invite(tx: Tx, { email: given, name, as }: Invitation, actor: string): Promise<InvitedUser> {
  const email = normalEmail(given);
  const tenantId = as.role === 'admin' ? null : as.tenantId;
  if (tenantId !== null) {
    const { rowCount } = await tx.query('select 1 from tenants where id = $1', [tenantId]);
    if (rowCount === 0) throw new AppError('unknown_tenant', `There is no tenant "${tenantId}".`);
  }
  await tx.query('insert into users (email, name) values ($1, $2) on conflict (email) do nothing', [
    email,
    name ?? null,
  ]);
  const { rows } = await tx.query<{ id: string; is_admin: boolean }>(
    'select id, is_admin from users where email = $1 for update',
    [email],
  );
  const [account] = rows;
  if (account === undefined) throw new Error('The account was not stored.');
  if (as.role === 'admin') {
    if (account.is_admin) throw new AppError('conflict', `${email} is an administrator already.`);
  } else {
    const { rowCount } = await tx.query(
      `insert into memberships (tenant_id, user_id, role) values ($1, $2, $3)
       on conflict (tenant_id, user_id) do update set role = excluded.role where memberships.accepted_at is null`,
      [tenantId, account.id, as.role],
    );
    if (rowCount === 0) throw new AppError('conflict', `${email} is a member of ${tenantId} already.`);
  }
  const details = { user_id: account.id, role: as.role };
  await audit(tx, { actor, action: 'user.invite', tenantId, details });
  const link = await makeUserLink(tx, {
    kind: 'invite',
    userId: account.id,
    tenantId,
    hours: INVITE_DAYS * 24,
  });
  const [user] = await readUsers(tx, { id: account.id, tenantId });
  if (user === undefined) throw new Error('The account was not stored.');
  return { user, link };
}

interface Member {
  readonly id: string;
  readonly tenantId: string;
}

async function changeMember(
  tx: Tx,
  { id, tenantId }: Member,
  { role, disabled }: MemberChange,
  actor: string,
): Promise<readonly string[] | null> {
  const { rowCount } = await tx.query(
    `update memberships set role = coalesce($3, role),
       disabled_at = case when $4::boolean is null then disabled_at when $4 then coalesce(disabled_at, now()) end
     where user_id = $1 and tenant_id = $2`,
    [id, tenantId, role ?? null, disabled ?? null],
  );
  if (rowCount === 0) return null;
  const details = { user_id: id, role: role ?? null, disabled: disabled ?? null };
  await audit(tx, { actor, action: 'user.change', tenantId, details });
  return disabled === true ? endSessionsOf(tx, { userId: id, tenantId }) : [];
}

async function remove(
  tx: Tx,
  { id, tenantId }: { readonly id: string; readonly tenantId: string | null },
  actor: string,
): Promise<readonly string[] | null> {
  const sessions =
    tenantId === null
      ? await endSessionsOf(tx, { userId: id })
      : await endSessionsOf(tx, { userId: id, tenantId });
  const { rowCount } =
    tenantId === null
      ? await tx.query('delete from users where id = $1', [id])
      : await tx.query('delete from memberships where user_id = $1 and tenant_id = $2', [id, tenantId]);
  if (rowCount === 0) return null;
  await tx.query('delete from login_links where user_id = $1 and ($2::text is null or tenant_id = $2)', [
    id,
    tenantId,
  ]);
  await audit(tx, { actor, action: 'user.remove', tenantId, details: { user_id: id } });
  return sessions;
}

async function linkAgain(tx: Tx, user: User, tenantId: string | null, actor: string): Promise<UserLink> {
  const pending = user.memberships.find(({ acceptedAt }) => acceptedAt === null);
  const invited = pending !== undefined && (tenantId !== null || user.memberships.length === 1);
  if (!invited && tenantId !== null) {
    // The account may be at home in other tenants too: its password is not one tenant's to set.
    throw new AppError(
      'conflict',
      'They have accepted already. A new password for an account is given by an administrator of the instance.',
    );
  }
  const kind = invited ? 'invite' : 'reset';
  const home = invited ? pending.tenantId : null;
  await audit(tx, { actor, action: `user.${kind}_link`, tenantId: home, details: { user_id: user.id } });
  return makeUserLink(tx, {
    kind,
    userId: user.id,
    tenantId: home,
    hours: invited ? INVITE_DAYS * 24 : RESET_HOURS,
  });
}
