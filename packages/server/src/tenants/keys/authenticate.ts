/**
 * Turns the credential of a request into an identity, from memory where possible, also while Postgres is away.
 *
 * Keys are looked up by their SHA-256, in memory and in the database alike: nothing compares a secret byte by byte,
 * so there is no timing to measure.
 */
import { hash } from 'node:crypto';
import type { Identity } from '../identity.ts';
import { isPlausibleKey, MAX_KEY_LENGTH } from './api-key.ts';
import type { StoredKey } from './key-rows.ts';
import type { KeyStore } from './key-store.ts';

export interface AuthenticatorOptions {
  readonly store: Pick<KeyStore, 'findKey' | 'touchKeys'>;
  /** Unix milliseconds: whether a key has expired. */
  readonly now?: () => number;
  /** Milliseconds of a clock that only goes forward: how old what is remembered is. */
  readonly elapsed?: () => number;
  /** How long a key is believed without asking again. A key revoked by another process works this much longer. */
  readonly freshMs?: number;
  /** How long a key that was good is believed while the database does not answer. */
  readonly graceMs?: number;
  /** Longest wait for the database before a remembered key is believed. */
  readonly patienceMs?: number;
  /** Most keys remembered, good and bad each. */
  readonly capacity?: number;
}

export interface Authenticator {
  /** Who bears this key; null when nobody does. Rejects with the store's error when it is needed and away. */
  verify(raw: string): Promise<Identity | null>;
  /** Forgets a key at once, after it was revoked. */
  forget(keyId: string): void;
  /** Looks a key up anew with its next use, after what it may do was changed. */
  recheck(keyId: string): void;
  /** Writes down which keys were used; called now and then, and at the end. */
  flush(): Promise<void>;
}

/** A key that was found good. */
interface Known {
  readonly key: StoredKey;
  /** By `elapsed`. */
  readonly verifiedAt: number;
}

/** How long after a failed look-up remembered keys are believed without trying again. */
const AWAY_MS = 1_000;
/** How long an unknown key is refused from memory. */
const UNKNOWN_MS = 5_000;

/** Makes the authenticator of this process. */
export function createAuthenticator(options: AuthenticatorOptions): Authenticator {
  const {
    store,
    now = Date.now,
    elapsed = () => performance.now(),
    freshMs = 10_000,
    graceMs = 600_000,
    patienceMs = 1_000,
    capacity = 10_000,
  } = options;
  const known = new Map<string, Known>();
  const unknown = new Map<string, number>();
  const lookups = new Map<string, Promise<StoredKey | null>>();
  const revoked = new Set<string>();
  const used = new Set<string>();
  let awayUntil = Number.NEGATIVE_INFINITY;

  /** Asks the database, once per key however many requests wait for it. */
  function lookUp(digest: string): Promise<StoredKey | null> {
    const running = lookups.get(digest);
    if (running !== undefined) return running;
    const asked = store
      .findKey(Buffer.from(digest, 'hex'))
      .then(
        (key) => {
          awayUntil = Number.NEGATIVE_INFINITY;
          const good = key !== null && !revoked.has(key.keyId) ? key : null;
          if (good === null) {
            known.delete(digest);
            remember(unknown, digest, elapsed() + UNKNOWN_MS, capacity);
          } else {
            remember(known, digest, { key: good, verifiedAt: elapsed() }, capacity);
          }
          return good;
        },
        (error: unknown) => {
          awayUntil = elapsed() + AWAY_MS;
          throw error;
        },
      )
      .finally(() => lookups.delete(digest));
    lookups.set(digest, asked);
    return asked;
  }

  /** A remembered key past its freshness: asked for again, believed when the database does not answer in time. */
  async function recheck(digest: string, remembered: Known): Promise<StoredKey | null> {
    if (elapsed() < awayUntil) return remembered.key;
    const asked = lookUp(digest).catch(() => remembered.key);
    let timer: NodeJS.Timeout | undefined;
    const patience = new Promise<StoredKey>((resolve) => {
      timer = setTimeout(() => resolve(remembered.key), patienceMs);
    });
    try {
      return await Promise.race([asked, patience]);
    } finally {
      clearTimeout(timer);
    }
  }

  async function find(digest: string, raw: string): Promise<StoredKey | null> {
    const remembered = known.get(digest);
    if (remembered !== undefined) {
      const age = elapsed() - remembered.verifiedAt;
      if (age < freshMs) {
        // Asked again ahead of time, so that a busy key never waits.
        if (age > freshMs / 2 && elapsed() >= awayUntil) lookUp(digest).catch(() => undefined);
        return remembered.key;
      }
      if (age < graceMs) return recheck(digest, remembered);
      known.delete(digest);
    }
    if ((unknown.get(digest) ?? 0) > elapsed()) return null;
    if (!isPlausibleKey(raw)) return null;
    return lookUp(digest);
  }

  function drop(keyId: string): void {
    for (const [digest, { key }] of known) if (key.keyId === keyId) known.delete(digest);
  }

  return {
    async verify(raw) {
      if (raw === '' || raw.length > MAX_KEY_LENGTH) return null;
      const key = await find(hash('sha256', raw, 'hex'), raw);
      if (key === null || revoked.has(key.keyId)) return null;
      if (key.expiresAt !== null && key.expiresAt.getTime() <= now()) return null;
      used.add(key.keyId);
      return key.identity;
    },
    forget(keyId) {
      revoked.add(keyId);
      drop(keyId);
    },
    recheck: drop,
    async flush() {
      const ids = [...used];
      used.clear();
      if (ids.length === 0) return;
      try {
        await store.touchKeys(ids);
      } catch {
        for (const id of ids) used.add(id); // The store is away: noted with the next flush.
      }
    },
  };
}

/** Adds to a map of bounded size; the oldest entry makes room. */
function remember<Value>(map: Map<string, Value>, key: string, value: Value, capacity: number): void {
  map.delete(key);
  if (map.size >= capacity) {
    const [oldest] = map.keys();
    if (oldest !== undefined) map.delete(oldest);
  }
  map.set(key, value);
}
