/**
 * The share of a limited resource (calls, bytes) that one tenant and one key may have. No one takes everything: a
 * tenant gets at most as much as is still free, a key at most as much as its tenant leaves free.
 *
 * Alone, a tenant gets half and a key a third; two tenants get a third each, and so on. Something is always left for
 * the next tenant, and no fixed quota lies idle.
 */

/** The tenant and key that a share is counted for. */
export interface Taker {
  readonly tenant: string;
  /** Id of the key. */
  readonly key: string;
}

export class FairShare {
  readonly size: number;
  #taken = 0;
  readonly #tenants = new Map<string, number>();
  readonly #keys = new Map<string, number>();

  /** @param size how much there is, in the unit of the amounts */
  constructor(size: number) {
    this.size = size;
  }

  get taken(): number {
    return this.#taken;
  }

  get free(): number {
    return this.size - this.#taken;
  }

  /** Whether this much more is within the taker's share. */
  fits({ tenant, key }: Taker, amount: number): boolean {
    const ofTenant = this.#tenants.get(tenant) ?? 0;
    return ofTenant + amount <= this.free && (this.#keys.get(key) ?? 0) + amount <= this.free - ofTenant;
  }

  /** Takes what was found to fit. */
  take({ tenant, key }: Taker, amount: number): void {
    this.#taken += amount;
    add(this.#tenants, tenant, amount);
    add(this.#keys, key, amount);
  }

  /** Gives back what was taken. */
  give({ tenant, key }: Taker, amount: number): void {
    this.#taken -= amount;
    add(this.#tenants, tenant, -amount);
    add(this.#keys, key, -amount);
  }
}

/** Counts that fall to zero are deleted, so that memory does not grow with the tenants and keys ever seen. */
function add(counts: Map<string, number>, name: string, amount: number): void {
  const count = (counts.get(name) ?? 0) + amount;
  if (count === 0) counts.delete(name);
  else counts.set(name, count);
}
