/** Links that work once: to sign in, to accept an invitation, to choose a new password. Kept as SHA-256 only. */
import { randomBytes } from 'node:crypto';
import { AppError, type MemberRole } from '@farthing/contract';
import type { Tx } from '../../db/database.ts';
import { audit } from '../audit/write-audit.ts';
import { hashKey } from '../keys/api-key.ts';

/** The view of the ledger that a link opens: everything, or one tenant's. */
export type SessionScope =
  | { readonly role: 'admin' }
  | { readonly role: MemberRole; readonly tenantId: string };

/** How long a sign-in link waits to be opened. */
export const LOGIN_LINK_MINUTES = 15;

/** A link for a user: the only place that holds the token. */
export interface UserLink {
  readonly kind: 'invite' | 'reset';
  readonly token: string;
  readonly expiresAt: Date;
}

/** The sign-in link for a token: `http://127.0.0.1:4141/login?token=…`. */
export function loginUrl(base: string, token: string): string {
  return `${base}/login?token=${token}`;
}

/** The page where an invitation is accepted or a password chosen; behind the `#` the token reaches no server's log. */
export function welcomeUrl(base: string, token: string): string {
  return `${base}/welcome#${token}`;
}

/** 256 random bits as text that a URL and a cookie carry unchanged. */
export function makeSecret(): string {
  return randomBytes(32).toString('base64url');
}

/** See `SessionStore.createLink`. */
export async function createSignInLink(tx: Tx, scope: SessionScope, actor: string): Promise<string> {
  const tenantId = scope.role === 'admin' ? null : scope.tenantId;
  if (tenantId !== null) {
    const { rows } = await tx.query('select 1 from tenants where id = $1', [tenantId]);
    if (rows.length === 0) throw new AppError('unknown_tenant', `There is no tenant "${tenantId}".`);
  }
  const token = makeSecret();
  await tx.query('delete from login_links where expires_at < now()');
  await tx.query(
    `insert into login_links (hash, role, tenant_id, expires_at)
     values ($1, $2, $3, now() + make_interval(mins => $4))`,
    [hashKey(token), scope.role, tenantId, LOGIN_LINK_MINUTES],
  );
  await audit(tx, { actor, action: 'login_link.create', tenantId, details: { role: scope.role } });
  return token;
}

export interface NewUserLink {
  readonly kind: 'invite' | 'reset';
  readonly userId: string;
  /** The tenant of an invitation; null for administrators and for new passwords. */
  readonly tenantId: string | null;
  readonly hours: number;
}

/** Makes a link for a user. Earlier ones for the same purpose are void. */
export async function makeUserLink(
  tx: Tx,
  { kind, userId, tenantId, hours }: NewUserLink,
): Promise<UserLink> {
  await tx.query(
    `delete from login_links where expires_at < now()
        or (user_id = $1 and kind = $2 and tenant_id is not distinct from $3)`,
    [userId, kind, tenantId],
  );
  const token = makeSecret();
  const { rows } = await tx.query<{ expires_at: Date }>(
    `insert into login_links (hash, kind, user_id, tenant_id, expires_at)
     values ($1, $2, $3, $4, now() + make_interval(hours => $5)) returning expires_at`,
    [hashKey(token), kind, userId, tenantId, hours],
  );
  return { kind, token, expiresAt: rows[0]?.expires_at ?? new Date() };
}

/** An unused link of a user, with what decides how it is accepted. */
export interface OpenedLink {
  readonly kind: 'invite' | 'reset';
  readonly user_id: string;
  readonly tenant_id: string | null;
  readonly email: string;
  readonly password_hash: string | null;
}

/** The link for a token while it is good; null for used, old and unknown ones, and where the account is shut. */
export async function findUserLink(tx: Tx, token: string): Promise<OpenedLink | null> {
  const { rows } = await tx.query<OpenedLink>(
    `select l.kind, l.user_id, l.tenant_id, u.email, u.password_hash
       from login_links l join users u on u.id = l.user_id
      where l.hash = $1 and l.used_at is null and l.expires_at > now() and u.disabled_at is null`,
    [hashKey(token)],
  );
  return rows[0] ?? null;
}

/** Uses a link up; false if it was used or expired meanwhile. */
export async function useUserLink(tx: Tx, token: string): Promise<boolean> {
  const { rowCount } = await tx.query(
    'update login_links set used_at = now() where hash = $1 and used_at is null and expires_at > now()',
    [hashKey(token)],
  );
  return rowCount > 0;
}
