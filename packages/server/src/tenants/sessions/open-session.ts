/** Opens the session of a user who has shown who they are. */
import type { Tx } from '../../db/database.ts';
import { audit } from '../audit/write-audit.ts';
import { openUserSession } from './session-rows.ts';

/** A session that was opened, and those that ended for it. */
export interface SignedIn {
  readonly secret: string;
  readonly sessionId: string;
  /** Null: an administrator, who sees every tenant. */
  readonly tenantId: string | null;
  readonly ended: readonly string[];
}

/** The user of the session, and the tenant it opens. */
export interface SessionOpening {
  readonly userId: string;
  readonly tenantId: string | null;
  readonly userAgent: string | null;
}

/** Opens it; `ended` are the sessions that ended for it. */
export async function openSession(
  tx: Tx,
  opening: SessionOpening,
  ended: readonly string[] = [],
): Promise<SignedIn> {
  const { id, secret } = await openUserSession(tx, opening);
  const { userId, tenantId } = opening;
  const details = { session: id };
  await audit(tx, { actor: `user:${userId}`, action: 'session.create', tenantId, details });
  return { secret, sessionId: id, tenantId, ended };
}
