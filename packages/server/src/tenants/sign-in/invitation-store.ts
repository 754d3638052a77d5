/** Accepting invitations: by the link of one, or by the operator for who can enter nothing yet. */
import { AppError } from '@farthing/contract';
import type { Tx } from '../../db/database.ts';
import { audit } from '../audit/write-audit.ts';
import { type OpenedLink, useUserLink } from '../sessions/login-link-store.ts';
import { openSession, type SignedIn } from '../sessions/open-session.ts';
import { type Account, findAccount, homeOf, setHash } from './account-store.ts';

/** A link that is accepted. */
export interface Acceptance {
  readonly token: string;
  readonly link: OpenedLink;
  /** A new password's hash; null if the account keeps its current one. */
  readonly hash: string | null;
  readonly userAgent: string | null;
}

/** Uses the link up: joins its tenant, or sets the new password, and opens a session. */
export async function accept(tx: Tx, { token, link, hash, userAgent }: Acceptance): Promise<SignedIn> {
  const { kind, user_id: userId, tenant_id: tenantId } = link;
  if (!(await useUserLink(tx, token)))
    throw new AppError('unauthorized', 'This link was used a moment ago. Sign in instead.');
  const actor = `user:${userId}`;
  const first = kind === 'invite' && link.password_hash === null;
  const ended = hash === null ? [] : await setHash(tx, { userId, hash, keep: undefined, actor, first });
  if (kind === 'invite') {
    await join(tx, { userId, tenantId, actor });
    return openSession(tx, { userId, tenantId, userAgent }, ended);
  }
  const account = await findAccount(tx, { id: userId });
  const home = account === null ? undefined : homeOf(account, undefined);
  if (home === undefined)
    throw new AppError('unauthorized', 'This account has no tenant any more: ask for an invitation.');
  return openSession(tx, { userId, tenantId: home, userAgent }, ended);
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
export async function acceptOpen(
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
