/** Rows of `sessions` as the code sees them: the state behind a browser's cookie. */
import type { Role } from '@farthing/contract';
import type { Tx } from '../../db/database.ts';
import { makeIdentity } from '../identity.ts';
import { hashKey } from '../keys/api-key.ts';
import type { StoredKey } from '../keys/key-rows.ts';
import { makeSecret } from './login-link-store.ts';

/** How long a session lasts, used or not. */
export const SESSION_DAYS = 30;

/** A session as it is listed. */
export interface ListedSession {
  readonly id: string;
  /** Null: made by a link of the server's machine. */
  readonly userId: string | null;
  readonly email: string | null;
  readonly role: Role;
  readonly tenantId: string | null;
  readonly createdAt: Date;
  readonly lastSeenAt: Date;
  readonly expiresAt: Date;
  /** The browser's `User-Agent` at sign-in. */
  readonly userAgent: string | null;
}

/** A session is valid until it ends, and while its user, if it has one, still has a role in its tenant. */
const GOOD_SESSIONS = `
  from (select s.*, u.email,
               case when s.user_id is null then s.role
                    when s.tenant_id is null then case when u.is_admin then 'admin' end
                    else m.role end as present_role
          from sessions s
          left join users u on u.id = s.user_id and u.disabled_at is null
          left join memberships m on m.user_id = u.id and m.tenant_id = s.tenant_id
                                 and m.accepted_at is not null and m.disabled_at is null
         where s.revoked_at is null and s.expires_at > now()) good
 where present_role is not null`;

interface SessionRow {
  readonly id: string;
  readonly user_id: string | null;
  readonly email: string | null;
  readonly present_role: Role;
  readonly tenant_id: string | null;
  readonly created_at: Date;
  readonly last_seen_at: Date;
  readonly expires_at: Date;
  readonly user_agent: string | null;
}

/** The session of a secret's hash, as what its user is now. */
export async function findSession(tx: Tx, hash: Buffer): Promise<StoredKey | null> {
  const { rows } = await tx.query<SessionRow>(`select good.* ${GOOD_SESSIONS} and hash = $1`, [hash]);
  const [row] = rows;
  if (row === undefined) return null;
  return {
    keyId: row.id,
    identity: makeIdentity({
      keyId: row.id,
      kind: 'session',
      userId: row.user_id,
      role: row.present_role,
      tenantId: row.tenant_id,
    }),
    expiresAt: row.expires_at,
  };
}

/** Filter of sessions: all, those for one tenant, or those of one user. */
export interface SessionFilter {
  readonly id?: string | undefined;
  readonly userId?: string | undefined;
  readonly tenantId?: string | null | undefined;
}

/** Good sessions, the last used first. */
export async function listSessions(tx: Tx, filter: SessionFilter): Promise<ListedSession[]> {
  const { rows } = await tx.query<SessionRow>(
    `select good.* ${GOOD_SESSIONS} and ($1::uuid is null or id = $1) and ($2::uuid is null or user_id = $2)
        and ($3::text is null or tenant_id = $3)
      order by last_seen_at desc, id limit 1000`,
    [filter.id ?? null, filter.userId ?? null, filter.tenantId ?? null],
  );
  return rows.map((row) => ({
    id: row.id,
    userId: row.user_id,
    email: row.email,
    role: row.present_role,
    tenantId: row.tenant_id,
    createdAt: row.created_at,
    lastSeenAt: row.last_seen_at,
    expiresAt: row.expires_at,
    userAgent: row.user_agent,
  }));
}

/** Makes a session of a user and answers its secret. */
export async function openUserSession(
  tx: Tx,
  {
    userId,
    tenantId,
    userAgent,
  }: { readonly userId: string; readonly tenantId: string | null; readonly userAgent: string | null },
): Promise<{ readonly id: string; readonly secret: string }> {
  const secret = makeSecret();
  const { rows } = await tx.query<{ id: string }>(
    `insert into sessions (hash, user_id, tenant_id, user_agent, expires_at)
     values ($1, $2, $3, $4, now() + make_interval(days => $5)) returning id`,
    [hashKey(secret), userId, tenantId, userAgent?.slice(0, 300) ?? null, SESSION_DAYS],
  );
  const [row] = rows;
  if (row === undefined) throw new Error('The session was not stored.');
  return { id: row.id, secret };
}

/** Ends one session. */
export async function endSessionById(tx: Tx, id: string): Promise<void> {
  await tx.query('update sessions set revoked_at = now() where id = $1', [id]);
}

/** Ends a user's sessions, or those for one tenant, except one that may stay. Returns the ended ones. */
export async function endSessionsOf(
  tx: Tx,
  {
    userId,
    tenantId,
    keep,
  }: { readonly userId: string; readonly tenantId?: string; readonly keep?: string | undefined },
): Promise<readonly string[]> {
  const { rows } = await tx.query<{ id: string }>(
    `update sessions set revoked_at = now()
      where user_id = $1 and ($2::text is null or tenant_id = $2) and id is distinct from $3 and revoked_at is null
      returning id`,
    [userId, tenantId ?? null, keep ?? null],
  );
  return rows.map(({ id }) => id);
}
