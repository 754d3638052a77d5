/** Accounts as sign-in sees them: identity, tenants and stored password. */
import { AppError } from '@farthing/contract';
import type { Database, Tx } from '../../db/database.ts';
import { audit } from '../audit/write-audit.ts';
import { endSessionsOf } from '../sessions/session-rows.ts';

/** A person who may have a password. */
export interface Account {
  readonly id: string;
  readonly email: string;
  readonly password_hash: string | null;
  readonly disabled: boolean;
  readonly is_admin: boolean;
  /** Tenants that it may enter, by id. */
  readonly tenants: readonly string[];
}

/** By address or id. */
export async function findAccount(tx: Tx, by: string | { readonly id: string }): Promise<Account | null> {
  const { rows } = await tx.query<Account>(
    `select u.id, u.email, u.password_hash, u.disabled_at is not null as disabled, u.is_admin,
            array(select m.tenant_id from memberships m where m.user_id = u.id and m.accepted_at is not null
                     and m.disabled_at is null order by m.tenant_id) as tenants
       from users u where ${typeof by === 'string' ? 'u.email = $1' : 'u.id = $1::uuid'}`,
    [typeof by === 'string' ? by : by.id],
  );
  return rows[0] ?? null;
}

/** The tenant a session opens; undefined: none. */
export function homeOf(account: Account, asked: string | undefined): string | null | undefined {
  if (account.is_admin && asked === undefined) return null;
  return asked === undefined ? account.tenants[0] : account.tenants.find((tenant) => tenant === asked);
}

/** A password that was chosen. */
export interface NewHash {
  readonly userId: string;
  readonly hash: string;
  readonly keep: string | undefined;
  readonly actor: string;
  /** The account must have had none: another invitation may have been accepted while this one was read. */
  readonly first?: boolean;
}

/** Stores a password that was chosen; sessions that the old one opened end. */
export async function setHash(
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

/** Keeps the same password under another hash. */
export async function keepHash(db: Database, userId: string, hash: string): Promise<void> {
  await db.asOperator((tx) =>
    tx.query('update users set password_hash = $2 where id = $1', [userId, hash]).then(() => undefined),
  );
}
