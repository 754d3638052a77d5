/**
 * Signing in to the dashboard without a password: whoever can run a command on the server's machine, or reads what
 * it prints at its start, gets a link that works once; the link makes a session that a cookie carries.
 */
import { randomBytes } from 'node:crypto';
import { AppError, type MemberRole, type Role } from '@farthing/contract';
import type { Database, Tx } from '../db/database.ts';
import { hashKey } from './api-key.ts';
import { audit } from './audit.ts';
import { makeIdentity } from './identity.ts';
import type { StoredKey } from './key-rows.ts';

/** How long a link waits to be opened. */
export const LOGIN_LINK_MINUTES = 15;
/** How long a session lasts, used or not. */
export const SESSION_DAYS = 30;

/** Whose view of the ledger a session opens: everything, or one tenant's. */
export type SessionScope =
  | { readonly role: 'admin' }
  | { readonly role: MemberRole; readonly tenantId: string };

export interface SessionStore {
  /** Makes a one-time token for a sign-in link. Refuses a tenant that does not exist (`unknown_tenant`). */
  createLink(scope: SessionScope, actor: string): Promise<string>;
  /** Turns a token into a session's secret, once; null when it is unknown, used or too old. */
  redeem(token: string): Promise<string | null>;
  /** Ends a session; it is over at once in this process, within seconds in others. */
  revoke(sessionId: string, actor: string): Promise<void>;
  /** The two below make a session checkable by the same `Authenticator` as a key. */
  findKey(hash: Buffer): Promise<StoredKey | null>;
  touchKeys(ids: readonly string[]): Promise<void>;
}

/** The link for a token: `http://127.0.0.1:4141/login?token=…`. */
export function loginUrl(base: string, token: string): string {
  return `${base}/login?token=${token}`;
}

/** The store on Postgres. */
export function createSessionStore(db: Database): SessionStore {
  return {
    createLink: (scope, actor) => db.asOperator((tx) => createLink(tx, scope, actor)),
    redeem: (token) => db.asOperator((tx) => redeem(tx, token)),
    revoke: (id, actor) =>
      db.asOperator(async (tx) => {
        await tx.query('update sessions set revoked_at = now() where id = $1 and revoked_at is null', [id]);
        await audit(tx, { actor, action: 'session.revoke', tenantId: null, details: { session: id } });
      }),
    findKey: (hash) => db.asOperator((tx) => findSession(tx, hash)),
    touchKeys: (ids) =>
      db.asOperator(async (tx) => {
        await tx.query('update sessions set last_seen_at = now() where id = any($1::uuid[])', [ids]);
      }),
  };
}

/** 256 random bits as text that a URL and a cookie carry unchanged. */
function makeSecret(): string {
  return randomBytes(32).toString('base64url');
}

async function createLink(tx: Tx, scope: SessionScope, actor: string): Promise<string> {
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

async function redeem(tx: Tx, token: string): Promise<string | null> {
  const secret = makeSecret();
  const { rows } = await tx.query<{ id: string; tenant_id: string | null }>(
    `with link as (
       update login_links set used_at = now()
       where hash = $1 and used_at is null and expires_at > now()
       returning role, tenant_id
     )
     insert into sessions (hash, role, tenant_id, expires_at)
     select $2, role, tenant_id, now() + make_interval(days => $3) from link
     returning id, tenant_id`,
    [hashKey(token), hashKey(secret), SESSION_DAYS],
  );
  const session = rows[0];
  if (session === undefined) return null;
  await audit(tx, {
    actor: `session:${session.id}`,
    action: 'session.create',
    tenantId: session.tenant_id,
    details: {},
  });
  return secret;
}

interface SessionRow {
  readonly id: string;
  readonly role: Role;
  readonly tenant_id: string | null;
  readonly expires_at: Date;
}

async function findSession(tx: Tx, hash: Buffer): Promise<StoredKey | null> {
  const { rows } = await tx.query<SessionRow>(
    `select id, role, tenant_id, expires_at from sessions
     where hash = $1 and revoked_at is null and expires_at > now()`,
    [hash],
  );
  const row = rows[0];
  if (row === undefined) return null;
  return {
    keyId: row.id,
    identity: makeIdentity({ keyId: row.id, role: row.role, tenantId: row.tenant_id, kind: 'session' }),
    expiresAt: new Date(row.expires_at),
  };
}
