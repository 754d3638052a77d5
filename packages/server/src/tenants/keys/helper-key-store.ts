/**
 * The key with which the command line calls a server on the same machine. It is created for one run, with access to the
 * database, is listed nowhere, and expires soon after the run, however that ends.
 */
import type { Database, Tx } from '../../db/database.ts';
import { hashKey, makeKey } from './api-key.ts';
import { HELPER_PREFIX } from './key-rows.ts';

export interface HelperKey {
  readonly secret: string;
  /** Good for {@link HELPER_KEY_MS} more from now on. */
  renew(): Promise<void>;
  /** Good no longer. */
  end(): Promise<void>;
}

/** Lifetime of the key if its maker could not end it: 10 minutes. */
export const HELPER_KEY_MS = 600_000;

/**
 * Makes an admin key for one run. The audit log names `actor` (`cli:ada`) for everything done with it; creating and
 * ending the key is not logged.
 *
 * @example const key = await makeHelperKey(db, 'cli:ada', Date.now);
 */
export async function makeHelperKey(db: Database, actor: string, now: () => number): Promise<HelperKey> {
  const secret = makeKey();
  const hash = hashKey(secret);
  const until = () => new Date(now() + HELPER_KEY_MS);
  const id = await db.asOperator((tx) => store(tx, actor, hash, until(), new Date(now())));
  return {
    secret,
    // By the hash too: a run that slept past its time finds its row in use by another one.
    renew: () =>
      db.asOperator(async (tx) => {
        const sql = 'update api_keys set expires_at = $3 where id = $1 and hash = $2 and revoked_at is null';
        await tx.query(sql, [id, hash, until()]);
      }),
    end: () =>
      db.asOperator(async (tx) => {
        await tx.query('update api_keys set revoked_at = now() where id = $1 and hash = $2', [id, hash]);
      }),
  };
}

/** Reuses the row of an earlier, expired run, so that there are only as many rows as concurrent runs. */
async function store(tx: Tx, actor: string, hash: Buffer, until: Date, now: Date): Promise<string> {
  const { rows: spare } = await tx.query<{ id: string }>(
    `update api_keys set hash = $3, name = $2, created_at = now(), expires_at = $4, revoked_at = null, last_used_at = null
      where id = (select id from api_keys where prefix = $1 and (revoked_at is not null or expires_at <= $5)
                   limit 1 for update skip locked)
     returning id`,
    [HELPER_PREFIX, actor, hash, until, now],
  );
  if (spare[0] !== undefined) return spare[0].id;
  const { rows } = await tx.query<{ id: string }>(
    `insert into api_keys (name, role, prefix, hash, expires_at) values ($2, 'admin', $1, $3, $4) returning id`,
    [HELPER_PREFIX, actor, hash, until],
  );
  const [made] = rows;
  if (made === undefined) throw new Error('The key was not stored.');
  return made.id;
}
