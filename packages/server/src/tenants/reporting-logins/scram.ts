/** A password as PostgreSQL stores it, so that the password itself is in no statement and no log. */
import { createHash, createHmac, pbkdf2Sync, randomBytes } from 'node:crypto';

const ROUNDS = 4_096; // PostgreSQL's own

/**
 * The verifier of a password (RFC 5802, SCRAM-SHA-256), for `create role … password '…'`. ASCII only: anything else would
 * have to be normalised first.
 *
 * @example scramVerifier('secret') // SCRAM-SHA-256$4096:<salt>$<stored key>:<server key>
 */
export function scramVerifier(password: string, salt: Buffer = randomBytes(16)): string {
  if (!/^[\x21-\x7e]+$/.test(password)) throw new RangeError('The password must be printable ASCII.');
  const salted = pbkdf2Sync(password, salt, ROUNDS, 32, 'sha256');
  const keyed = (text: string) => createHmac('sha256', salted).update(text).digest();
  const stored = createHash('sha256').update(keyed('Client Key')).digest('base64');
  return `SCRAM-SHA-256$${ROUNDS}:${salt.toString('base64')}$${stored}:${keyed('Server Key').toString('base64')}`;
}
