/**
 * Sessions of the dashboard. A person who can run a command on the server's machine, or who reads its output at the
 * start, gets a link that works once. People with an account sign in with their password (`sign-in.ts`). Both create a
 * session whose secret is in a cookie.
 */
import type { Role } from '@farthing/contract';
import type { Database, Tx } from '../../db/database.ts';
import { audit } from '../audit/write-audit.ts';
import { hashKey } from '../keys/api-key.ts';
import type { StoredKey } from '../keys/key-rows.ts';
import { createSignInLink, makeSecret, type SessionScope } from './login-link-store.ts';
import {
  findSession,
  type ListedSession,
  listSessions,
  SESSION_DAYS,
  type SessionFilter,
} from './session-rows.ts';

export interface SessionStore {
  /** Makes a one-time token for a sign-in link. Refuses a tenant that does not exist (`unknown_tenant`). */
  createLink(scope: SessionScope, actor: string): Promise<string>;
  /** Turns a token into a session's secret, once; null when it is unknown, used or too old. */
  redeem(token: string): Promise<string | null>;
  /** Sessions that are good now, the last used first. */
  list(filter: SessionFilter): Promise<readonly ListedSession[]>;
  /**
   * Ends a session that matches the filter: at once in this process, within seconds in others. False if there is none.
   */
  revoke(sessionId: string, actor: string, within?: SessionFilter): Promise<boolean>;
  /** The two below make a session checkable by the same `Authenticator` as a key. */
  findKey(hash: Buffer): Promise<StoredKey | null>;
  touchKeys(ids: readonly string[]): Promise<void>;
}

/** The store on Postgres. */
export function createSessionStore(db: Database): SessionStore {
  return {
    createLink: (scope, actor) => db.asOperator((tx) => createSignInLink(tx, scope, actor)),
    redeem: (token) => db.asOperator((tx) => redeem(tx, token)),
    list: (filter) => db.asOperator((tx) => listSessions(tx, filter)),
    revoke: (id, actor, within = {}) =>
      db.asOperator(async (tx) => {
        const { rows } = await tx.query<{ tenant_id: string | null }>(
          `update sessions set revoked_at = now() where id = $1 and revoked_at is null and expires_at > now()
             and ($2::uuid is null or user_id = $2) and ($3::text is null or tenant_id = $3) returning tenant_id`,
          [id, within.userId ?? null, within.tenantId ?? null],
        );
        const [session] = rows;
        if (session === undefined) return false;
        const details = { session: id };
        await audit(tx, { actor, action: 'session.revoke', tenantId: session.tenant_id, details });
        return true;
      }),
    findKey: (hash) => db.asOperator((tx) => findSession(tx, hash)),
    touchKeys: (ids) =>
      db.asOperator(async (tx) => {
        await tx.query('update sessions set last_seen_at = now() where id = any($1::uuid[])', [ids]);
      }),
  };
}

async function redeem(tx: Tx, token: string): Promise<string | null> {
  const secret = makeSecret();
  const { rows } = await tx.query<{ id: string; role: Role; tenant_id: string | null }>(
    `with link as (
       update login_links set used_at = now()
       where hash = $1 and kind = 'sign_in' and used_at is null and expires_at > now()
       returning role, tenant_id
     )
     insert into sessions (hash, role, tenant_id, expires_at)
     select $2, role, tenant_id, now() + make_interval(days => $3) from link
     returning id, role, tenant_id`,
    [hashKey(token), hashKey(secret), SESSION_DAYS],
  );
  const session = rows[0];
  if (session === undefined) return null;
  await audit(tx, {
    actor: `session:${session.id}`,
    action: 'session.create',
    tenantId: session.tenant_id,
    details: { role: session.role },
  });
  return secret;
}
