/** From where an account has been signed in to, so that its owner is not shut out by strangers who guess. */
import { addressGroup } from './throttle.ts';

export interface UsualPlaces {
  /** True where the account's password was right from this address, or its group, since the start. */
  has(account: string, address: string): boolean;
  add(account: string, address: string): void;
}

/** Most pairs remembered; the least recently used one is evicted. */
const CAPACITY = 10_000;

/** Remembers for this process, in bounded memory. Only who knows a password adds to it. */
export function createUsualPlaces(capacity: number = CAPACITY): UsualPlaces {
  const known = new Set<string>();
  const nameOf = (account: string, address: string) => JSON.stringify([account, addressGroup(address)]);
  return {
    has: (account, address) => known.has(nameOf(account, address)),
    add(account, address) {
      const name = nameOf(account, address);
      known.delete(name);
      const [oldest] = known;
      if (known.size >= capacity && oldest !== undefined) known.delete(oldest);
      known.add(name);
    },
  };
}
