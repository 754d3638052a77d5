/** Passwords: stored as scrypt, each with its own salt, checked in constant time, rehashed when the cost has risen. */
import { randomBytes, type ScryptOptions, scrypt, timingSafeEqual } from 'node:crypto';
import { AppError } from '@farthing/contract';
import { stepsToGuess } from './guessable.ts';

/** Cost of one hash: 2^15 × 8 × 128 bytes = 32 MiB of memory, three passes. */
export const COST = { ln: 15, r: 8, p: 3 } as const;
const MAX_MEMORY_BYTES = 64 * 1024 * 1024;
const HASH_BYTES = 32;
const SALT_BYTES = 16;

/** Fewest and most characters of a password. */
export const PASSWORD_LENGTH = { min: 12, max: 256 } as const;

/** Most hashes computed at once, and most that wait: this bounds memory and processor time. */
const AT_ONCE = 2;
const WAITING = 64;

/** Fewest steps in which a password may be guessed, counted as in `guessable.ts`. */
const FEWEST_STEPS = 8;

/**
 * Refuses a password that is too short, too long, the address itself, or easy to guess: made of common words, of the
 * address, of runs and repetitions (`invalid_body`).
 *
 * @example checkNewPassword('a quarter of a penny', 'ada@example.com')
 */
export function checkNewPassword(password: string, email: string): void {
  const length = [...password].length;
  const refuse = (message: string): never => {
    throw new AppError('invalid_body', message, { details: [{ path: 'password', message }] });
  };
  if (length < PASSWORD_LENGTH.min)
    refuse(`A password has at least ${PASSWORD_LENGTH.min} characters: take a few words.`);
  if (length > PASSWORD_LENGTH.max) refuse(`A password has at most ${PASSWORD_LENGTH.max} characters.`);
  if (password.trim().toLowerCase() === email) refuse('The address cannot be its own password.');
  if (stepsToGuess(password, email.split(/[^\p{L}\p{N}]+/u)) < FEWEST_STEPS)
    refuse(
      'This password is easy to guess: it is made of common words, of your address, of runs such as 1234 or of repetitions. Take a few words that do not belong together.',
    );
}

/**
 * The stored form of a password: `$scrypt$ln=15,r=8,p=3$<salt>$<hash>`.
 *
 * @throws AppError `overloaded` when too many wait
 */
export async function hashPassword(password: string): Promise<string> {
  const salt = randomBytes(SALT_BYTES);
  const hash = await derive(password, salt, COST);
  return `$scrypt$ln=${COST.ln},r=${COST.r},p=${COST.p}$${salt.toString('base64url')}$${hash.toString('base64url')}`;
}

export interface PasswordCheck {
  readonly ok: boolean;
  /** The password is right but was hashed at another cost: rehash it. */
  readonly outdated: boolean;
}

/**
 * Compares a password with what is stored. For an account that does not exist or has no password (`null`) the same
 * work is done, so that the time does not tell.
 *
 * @throws AppError `overloaded` when too many wait
 */
export async function checkPassword(password: string, stored: string | null): Promise<PasswordCheck> {
  const parsed = stored === null ? null : parse(stored);
  const { salt, hash, cost } = parsed ?? NOBODY;
  const given = await derive(password, salt, cost);
  const ok = timingSafeEqual(given, hash) && parsed !== null;
  return { ok, outdated: ok && (cost.ln !== COST.ln || cost.r !== COST.r || cost.p !== COST.p) };
}

interface Cost {
  readonly ln: number;
  readonly r: number;
  readonly p: number;
}

interface Stored {
  readonly salt: Buffer;
  readonly hash: Buffer;
  readonly cost: Cost;
}

const NOBODY: Stored = { salt: randomBytes(SALT_BYTES), hash: randomBytes(HASH_BYTES), cost: COST };

const STORED = /^\$scrypt\$ln=(\d{1,2}),r=(\d{1,2}),p=(\d{1,2})\$([\w-]+)\$([\w-]+)$/;

function parse(stored: string): Stored {
  const [, ln, r, p, salt = '', hash = ''] = STORED.exec(stored) ?? [];
  const read = {
    salt: Buffer.from(salt, 'base64url'),
    hash: Buffer.from(hash, 'base64url'),
    cost: { ln: Number(ln), r: Number(r), p: Number(p) },
  };
  if (read.hash.length !== HASH_BYTES) throw new Error('A stored password has a form that is not known.');
  return read;
}

let running = 0;
const waiting: (() => void)[] = [];

async function derive(password: string, salt: Buffer, { ln, r, p }: Cost): Promise<Buffer> {
  if (running >= AT_ONCE) {
    if (waiting.length >= WAITING)
      throw new AppError('overloaded', 'Too many are signing in at once; try again shortly.', {
        retryAfter: 5,
      });
    await new Promise<void>((resolve) => waiting.push(resolve));
  } else {
    running += 1;
  }
  try {
    return await run(password.normalize('NFC'), salt, { N: 2 ** ln, r, p, maxmem: MAX_MEMORY_BYTES });
  } finally {
    // The turn is passed on directly, so that no newcomer gets in between.
    const next = waiting.shift();
    if (next === undefined) running -= 1;
    else next();
  }
}

function run(password: string, salt: Buffer, options: ScryptOptions): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    scrypt(password, salt, HASH_BYTES, options, (error, hash) => (error ? reject(error) : resolve(hash)));
  });
}
