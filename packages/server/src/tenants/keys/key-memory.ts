/** A bounded cache of keys: valid ones, unknown ones, and those revoked by this process. */
import { UNKNOWN_MS } from './key-lifetimes.ts';
import type { StoredKey } from './key-rows.ts';

/** A key that was found good. */
export interface RememberedKey {
  readonly key: StoredKey;
  /** By `elapsed`. */
  readonly verifiedAt: number;
}

export class KeyMemory {
  readonly #good = new Map<string, RememberedKey>();
  /** Until when, by `elapsed`. */
  readonly #unknown = new Map<string, number>();
  readonly #revoked = new Set<string>();
  readonly #capacity: number;
  readonly #elapsed: () => number;

  /** `capacity`: most keys remembered, good and unknown each. `elapsed`: milliseconds of a clock that only goes forward. */
  constructor({ capacity, elapsed }: { readonly capacity: number; readonly elapsed: () => number }) {
    this.#capacity = capacity;
    this.#elapsed = elapsed;
  }

  find(digest: string): RememberedKey | undefined {
    return this.#good.get(digest);
  }

  /** True if the database did not know the key a moment ago. */
  isUnknown(digest: string): boolean {
    return (this.#unknown.get(digest) ?? 0) > this.#elapsed();
  }

  /** Stores the database's answer; returns the key if it is valid. */
  note(digest: string, key: StoredKey | null): StoredKey | null {
    const good = key !== null && !this.#revoked.has(key.keyId) ? key : null;
    if (good === null) {
      this.#good.delete(digest);
      this.#keep(this.#unknown, digest, this.#elapsed() + UNKNOWN_MS);
    } else {
      this.#keep(this.#good, digest, { key: good, verifiedAt: this.#elapsed() });
    }
    return good;
  }

  /** Removes an entry that is too old to be trusted. */
  forget(digest: string): void {
    this.#good.delete(digest);
  }

  /** Removes a key by its id, so that it is looked up again. */
  drop(keyId: string): void {
    for (const [digest, { key }] of this.#good) if (key.keyId === keyId) this.#good.delete(digest);
  }

  /** Refuses a key from now on, even if a running look-up still finds it. */
  revoke(keyId: string): void {
    this.#revoked.add(keyId);
    this.drop(keyId);
  }

  isRevoked(keyId: string): boolean {
    return this.#revoked.has(keyId);
  }

  /** The oldest entry makes room. */
  #keep<Value>(map: Map<string, Value>, digest: string, value: Value): void {
    map.delete(digest);
    if (map.size >= this.#capacity) {
      const [oldest] = map.keys();
      if (oldest !== undefined) map.delete(oldest);
    }
    map.set(digest, value);
  }
}
