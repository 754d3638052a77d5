/** API keys: how they look and what is kept of them. */
import { createHash, randomBytes } from 'node:crypto';
import { crc32 } from 'node:zlib';
import type { Permission, Role } from '@farthing/contract';
import type { BoundAttribution } from '../identity.ts';

export type { Role } from '@farthing/contract';
export type { Identity } from '../identity.ts';

/** A key as it is listed: everything but the secret and its hash. */
export interface ApiKey {
  readonly id: string;
  readonly name: string;
  readonly role: Role;
  readonly tenantId: string | null;
  /** Null: everything its role may. */
  readonly scopes: readonly Permission[] | null;
  readonly bound: BoundAttribution;
  readonly prefix: string;
  readonly createdAt: Date;
  readonly lastUsedAt: Date | null;
  readonly expiresAt: Date | null;
  readonly revokedAt: Date | null;
  /** When the secret before the last rotation stops working; null when there is none or it has. */
  readonly overlapUntil: Date | null;
}

const KEY_START = 'frt_';
const BASE62 = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
/** 62^43 > 2^256: any 32 bytes fit. */
const BODY_LENGTH = 43;
/** 62^6 > 2^32: any CRC-32 fits. */
const CHECK_LENGTH = 6;
const KEY_PATTERN = new RegExp(`^${KEY_START}[0-9A-Za-z]{${BODY_LENGTH + CHECK_LENGTH}}$`);

/** Longest credential that is looked at. */
export const MAX_KEY_LENGTH = 512;

/** A new key: 32 random bytes in base 62 behind `frt_`, and a checksum that detects typos without a look-up. */
export function makeKey(): string {
  const body = base62(BigInt(`0x${randomBytes(32).toString('hex')}`), BODY_LENGTH);
  return KEY_START + body + checksum(body);
}

/** False for what has the form of our keys and a checksum that does not fit; true for every other text. */
export function isPlausibleKey(raw: string): boolean {
  if (raw.length === 0 || raw.length > MAX_KEY_LENGTH) return false;
  if (!KEY_PATTERN.test(raw)) return true;
  const body = raw.slice(KEY_START.length, -CHECK_LENGTH);
  return raw.endsWith(checksum(body));
}

/** The stored hash of a key. The key has 256 random bits, so one fast hash is right. */
export function hashKey(raw: string): Buffer {
  return createHash('sha256').update(raw, 'utf8').digest();
}

/** Enough to recognise a key in a list; at most a fifth of a key the operator chose. */
export function keyPrefix(raw: string): string {
  return raw.startsWith(KEY_START) ? raw.slice(0, 12) : `${raw.slice(0, 6)}…`;
}

function checksum(body: string): string {
  return base62(BigInt(crc32(KEY_START + body)), CHECK_LENGTH);
}

function base62(value: bigint, length: number): string {
  let rest = value;
  let text = '';
  while (text.length < length) {
    text = (BASE62[Number(rest % 62n)] ?? '') + text;
    rest /= 62n;
  }
  return text;
}
