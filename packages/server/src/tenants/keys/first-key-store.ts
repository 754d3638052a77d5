/** The admin key that a server starts with: made once and shown, or given by the environment. */
import type { Tx } from '../../db/database.ts';
import { audit } from '../audit/write-audit.ts';
import { UNBOUND } from '../identity.ts';
import { hashKey, isPlausibleKey, makeKey } from './api-key.ts';
import { IS_LISTED, insertKey, type KeyFacts } from './key-rows.ts';

/** Name of the key that comes from the environment; no other key may have it. */
export const GIVEN_KEY_NAME = 'FARTHING_ADMIN_KEY';

/** See `KeyStore.ensureAdminKey`. */
export function ensureAdminKey(tx: Tx, given: string | null): Promise<string | null> {
  return given === null ? firstAdminKey(tx) : givenAdminKey(tx, given);
}

/** One starting server at a time decides about the admin key. Only the server's roles may lock this table. */
const lockAdminKeys = (tx: Tx) => tx.query('lock table api_keys in share row exclusive mode');

const adminKey = (name: string): KeyFacts => ({
  name,
  role: 'admin',
  tenantId: null,
  scopes: null,
  bound: UNBOUND,
  expiresAt: null,
});

async function firstAdminKey(tx: Tx): Promise<string | null> {
  await lockAdminKeys(tx);
  const { rowCount } = await tx.query(`select 1 from api_keys where role = 'admin' and ${IS_LISTED} limit 1`);
  if (rowCount > 0) return null;
  const secret = makeKey();
  const key = await insertKey(tx, adminKey('first admin key'), secret);
  await audit(tx, {
    actor: 'start',
    action: 'key.create',
    tenantId: null,
    details: { key_id: key.id, name: key.name, role: 'admin' },
  });
  return secret;
}

async function givenAdminKey(tx: Tx, secret: string): Promise<null> {
  if (!isPlausibleKey(secret)) {
    throw new Error(
      `${GIVEN_KEY_NAME} has the form of a Farthing key but its checksum does not fit: it was mistyped.`,
    );
  }
  await lockAdminKeys(tx);
  const { rowCount } = await tx.query(
    `select 1 from api_keys where hash = $1 and name = $2 and role = 'admin' and revoked_at is null`,
    [hashKey(secret), GIVEN_KEY_NAME],
  );
  if (rowCount > 0) return null;
  await tx.query(`update api_keys set revoked_at = now() where name = $1 and revoked_at is null`, [
    GIVEN_KEY_NAME,
  ]);
  const key = await insertKey(tx, adminKey(GIVEN_KEY_NAME), secret);
  await audit(tx, {
    actor: 'start',
    action: 'key.given',
    tenantId: null,
    details: { key_id: key.id, name: key.name },
  });
  return null;
}
