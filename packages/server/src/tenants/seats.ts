/** A few places that stay taken for long, shared out so that no key and no tenant ever has them all. */
import { AppError } from '@farthing/contract';

/** The caller that takes a place. */
export interface Holder {
  /** Null: an administrator of the instance; these share like a tenant. */
  readonly tenant: string | null;
  /** The person, or the key where there is none. */
  readonly key: string;
}

export interface SeatsOptions {
  readonly seats: number;
  /** Their name in a refusal: `live streams`. */
  readonly name: string;
  /** Seconds after which a refused caller may come again. */
  readonly retryAfter: number;
}

export interface Seats {
  readonly taken: number;
  /**
   * Takes a place; returns the function that frees it, only once however often it is called. A tenant has at most half
   * of the places and a key a quarter, rounded down, but never less than one.
   *
   * @throws AppError `rate_limited` where the key or its tenant has its share, `overloaded` where no place is left
   */
  take(holder: Holder): () => void;
}

/** @example const seats = createSeats({ seats: 256, name: 'live streams', retryAfter: 10 }); */
export function createSeats({ seats, name, retryAfter }: SeatsOptions): Seats {
  const perTenant = Math.max(1, Math.floor(seats / 2));
  const perKey = Math.max(1, Math.floor(seats / 4));
  const held = new Map<string, number>();
  let taken = 0;
  const count = (id: string, by: number) => {
    const left = (held.get(id) ?? 0) + by;
    if (left === 0) held.delete(id);
    else held.set(id, left);
  };
  return {
    get taken() {
      return taken;
    },
    take({ tenant, key }) {
      const ids = [JSON.stringify([tenant]), JSON.stringify([tenant, key])] as const;
      const refuse = (code: 'rate_limited' | 'overloaded', message: string) => {
        throw new AppError(code, message, { retryAfter });
      };
      if (taken >= seats) refuse('overloaded', `There are already ${seats} ${name}.`);
      if ((held.get(ids[1]) ?? 0) >= perKey)
        refuse('rate_limited', `Your key or user has ${perKey} ${name} already, which is its share.`);
      if ((held.get(ids[0]) ?? 0) >= perTenant)
        refuse('rate_limited', `Your tenant has ${perTenant} ${name} already, which is its share.`);
      taken += 1;
      for (const id of ids) count(id, 1);
      let over = false;
      return () => {
        if (over) return;
        over = true;
        taken -= 1;
        for (const id of ids) count(id, -1);
      };
    },
  };
}
