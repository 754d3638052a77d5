/**
 * Turns the credential of a request into an identity, from memory where possible, also while Postgres is away.
 *
 * Keys are looked up by their SHA-256, in memory and in the database alike: nothing compares a secret byte by byte,
 * so there is no timing to measure.
 */
import { hash } from 'node:crypto';
import type { Identity } from '../identity.ts';
import { isPlausibleKey, MAX_KEY_LENGTH } from './api-key.ts';
import { AWAY_MS, FRESH_MS, GRACE_MS, PATIENCE_MS } from './key-lifetimes.ts';
import { KeyMemory } from './key-memory.ts';
import type { StoredKey } from './key-rows.ts';
import type { KeyStore } from './key-store.ts';

export interface AuthenticatorOptions {
  readonly store: Pick<KeyStore, 'findKey' | 'touchKeys'>;
  /** Unix milliseconds: whether a key has expired. */
  readonly now?: () => number;
  /** Milliseconds of a clock that only goes forward: how old what is remembered is. */
  readonly elapsed?: () => number;
  /** Default {@link FRESH_MS}. */
  readonly freshMs?: number;
  /** Default {@link GRACE_MS}. */
  readonly graceMs?: number;
  /** Default {@link PATIENCE_MS}. */
  readonly patienceMs?: number;
  /** Most keys remembered, good and bad each. */
  readonly capacity?: number;
}

export interface Authenticator {
  /**
   * The identity of this key; null for an unknown key. Rejects with the store's error if the store is needed and away.
   */
  verify(raw: string): Promise<Identity | null>;
  /** Removes a revoked key from the cache at once. */
  forget(keyId: string): void;
  /** Makes the next use of a key look it up again, after its permissions were changed. */
  recheck(keyId: string): void;
  /** Writes down which keys were used; called now and then, and at the end. */
  flush(): Promise<void>;
}

/** Makes the authenticator of this process. */
export function createAuthenticator(options: AuthenticatorOptions): Authenticator {
  const { store, now = Date.now, elapsed = () => performance.now(), capacity = 10_000 } = options;
  const { freshMs = FRESH_MS, graceMs = GRACE_MS, patienceMs = PATIENCE_MS } = options;
  const memory = new KeyMemory({ capacity, elapsed });
  const asker = createAsker(store, memory, elapsed);
  const used = new Set<string>();

  async function find(digest: string, raw: string): Promise<StoredKey | null> {
    const remembered = memory.find(digest);
    if (remembered !== undefined) {
      const age = elapsed() - remembered.verifiedAt;
      if (age < freshMs) {
        // Asked again ahead of time, so that a busy key never waits.
        if (age > freshMs / 2 && !asker.isAway()) asker.lookUp(digest).catch(() => undefined);
        return remembered.key;
      }
      if (age < graceMs) {
        return asker.isAway() ? remembered.key : within(patienceMs, asker.lookUp(digest), remembered.key);
      }
      memory.forget(digest);
    }
    if (memory.isUnknown(digest) || !isPlausibleKey(raw)) return null;
    return asker.lookUp(digest);
  }

  return {
    async verify(raw) {
      if (raw === '' || raw.length > MAX_KEY_LENGTH) return null;
      const key = await find(hash('sha256', raw, 'hex'), raw);
      if (key === null || memory.isRevoked(key.keyId)) return null;
      if (key.expiresAt !== null && key.expiresAt.getTime() <= now()) return null;
      used.add(key.keyId);
      return key.identity;
    },
    forget: (keyId) => memory.revoke(keyId),
    recheck: (keyId) => memory.drop(keyId),
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

interface Asker {
  /** True for a moment after a look-up failed: remembered keys are believed without trying again. */
  isAway(): boolean;
  /** Asks the database, once per key however many requests wait for it. */
  lookUp(digest: string): Promise<StoredKey | null>;
}

function createAsker(store: Pick<KeyStore, 'findKey'>, memory: KeyMemory, elapsed: () => number): Asker {
  const lookups = new Map<string, Promise<StoredKey | null>>();
  let awayUntil = Number.NEGATIVE_INFINITY;
  return {
    isAway: () => elapsed() < awayUntil,
    lookUp(digest) {
      const running = lookups.get(digest);
      if (running !== undefined) return running;
      const asked = store
        .findKey(Buffer.from(digest, 'hex'))
        .then(
          (key) => {
            awayUntil = Number.NEGATIVE_INFINITY;
            return memory.note(digest, key);
          },
          (error: unknown) => {
            awayUntil = elapsed() + AWAY_MS;
            throw error;
          },
        )
        .finally(() => lookups.delete(digest));
      lookups.set(digest, asked);
      return asked;
    },
  };
}

/** For a key that is no longer fresh: the database's answer, or `remembered` if it does not answer in time. */
async function within(
  patienceMs: number,
  asked: Promise<StoredKey | null>,
  remembered: StoredKey,
): Promise<StoredKey | null> {
  let timer: NodeJS.Timeout | undefined;
  const patience = new Promise<StoredKey>((resolve) => {
    timer = setTimeout(() => resolve(remembered), patienceMs);
  });
  try {
    return await Promise.race([asked.catch(() => remembered), patience]);
  } finally {
    clearTimeout(timer);
  }
}
