/**
 * Room that calls share: connections to a provider, memory for bodies. A call that finds none within its share waits in
 * a bounded line for a bounded time; the line is served in turns, tenant by tenant.
 */
import type { AppError } from '@farthing/contract';
import { FairShare, type Taker } from './fair-share.ts';

/** Why there was no room: the caller's own share is used up, or everything is. */
export type Shortage = 'share' | 'full';

export interface RoomOptions {
  /** How much there is, in whatever is counted. */
  readonly size: number;
  /** Most callers that wait; they share the line as they share the room. */
  readonly waiting: number;
  /** Longest wait, milliseconds. */
  readonly waitMs: number;
  /** The error for a caller without room. */
  readonly refusal: (shortage: Shortage) => AppError;
}

/** Room that was taken. */
export interface Place {
  /** Gives the room back; asking twice does nothing. */
  leave(): void;
}

/** The places that one call takes one by one and frees together. */
export class Places {
  readonly #places: Place[] = [];
  #over = false;

  /** Keeps a place until the end; a place that arrives after the end is freed at once. */
  keep(place: Place): void {
    if (this.#over) place.leave();
    else this.#places.push(place);
  }

  leave(): void {
    this.#over = true;
    for (const place of this.#places.splice(0)) place.leave();
  }
}

/** A caller in the line. */
export interface Waiter {
  /**
   * The place; null if the caller left the line.
   * @throws AppError after the longest wait, and when the room closes
   */
  readonly place: Promise<Place | null>;
  /** Leaves the line; after the place was given it does nothing. */
  abandon(): void;
}

/** Figures for monitoring. */
export interface RoomReading {
  readonly size: number;
  readonly taken: number;
  readonly waiting: number;
  /** Callers refused since the start. */
  readonly refused: { readonly [S in Shortage]: number };
}

interface Waiting {
  readonly taker: Taker;
  readonly amount: number;
  readonly give: (place: Place) => void;
  readonly fail: (error: AppError) => void;
}

/** A line of one tenant: a queue per key, each in order of arrival. */
type TenantLine = Map<string, Set<Waiting>>;

export class Room {
  readonly #options: RoomOptions;
  readonly #share: FairShare;
  /** The places in the line, shared by the same rule. */
  readonly #line: FairShare;
  /** The tenant whose turn is next comes first. */
  readonly #lines = new Map<string, TenantLine>();
  readonly #refused = { share: 0, full: 0 };
  #closed: (() => AppError) | null = null;

  constructor(options: RoomOptions) {
    this.#options = options;
    this.#share = new FairShare(options.size);
    this.#line = new FairShare(options.waiting);
  }

  /** Room at once, or null if there is none within the taker's share. Never throws. */
  take(taker: Taker, amount: number): Place | null {
    if (!this.#share.fits(taker, amount)) return null;
    this.#share.take(taker, amount);
    let taken = true;
    return {
      leave: () => {
        if (!taken) return;
        taken = false;
        this.#share.give(taker, amount);
        this.#serve();
      },
    };
  }

  /**
   * Room at once, or a place in the waiting line.
   *
   * @throws AppError if the line is full too, or the room was closed
   *
   * @example const asked = room.ask({ tenant: 'acme', key: 'k1' }, 1);
   */
  ask(taker: Taker, amount: number): Place | Waiter {
    if (this.#closed !== null) throw this.#closed();
    // No waiting call fits at the moment, so a newcomer that fits overtakes none that could have had the room.
    const place = this.take(taker, amount);
    if (place !== null) return place;
    if (!this.#line.fits(taker, 1)) throw this.#refuse(amount);
    return this.#wait(taker, amount);
  }

  read(): RoomReading {
    return {
      size: this.#share.size,
      taken: this.#share.taken,
      waiting: this.#line.taken,
      refused: { ...this.#refused },
    };
  }

  /** Refuses all waiting and all new calls. Places already taken stay. */
  close(refusal: () => AppError): void {
    this.#closed = refusal;
    for (const line of [...this.#lines.values()]) {
      for (const queue of [...line.values()]) for (const waiting of [...queue]) waiting.fail(refusal());
    }
  }

  #wait(taker: Taker, amount: number): Waiter {
    const { promise, resolve, reject } = Promise.withResolvers<Place | null>();
    const late = setTimeout(() => waiting.fail(this.#refuse(amount)), this.#options.waitMs);
    const waiting: Waiting = {
      taker,
      amount,
      give: (place) => {
        if (this.#remove(waiting, late)) resolve(place);
      },
      fail: (error) => {
        if (this.#remove(waiting, late)) reject(error);
      },
    };
    this.#line.take(taker, 1);
    const line = this.#lines.get(taker.tenant) ?? new Map<string, Set<Waiting>>();
    this.#lines.set(taker.tenant, line);
    const queue = line.get(taker.key) ?? new Set<Waiting>();
    line.set(taker.key, queue);
    queue.add(waiting);
    return {
      place: promise,
      abandon: () => {
        if (this.#remove(waiting, late)) resolve(null);
      },
    };
  }

  /** Takes a caller out of the line; false where it is out already. */
  #remove(waiting: Waiting, late: NodeJS.Timeout): boolean {
    const { tenant, key } = waiting.taker;
    const line = this.#lines.get(tenant);
    const queue = line?.get(key);
    if (line === undefined || queue?.delete(waiting) !== true) return false;
    clearTimeout(late);
    this.#line.give(waiting.taker, 1);
    if (queue.size === 0) line.delete(key);
    if (line.size === 0) this.#lines.delete(tenant);
    return true;
  }

  /** Gives free room to the line: one call of each tenant in turn, until no tenant's next call fits. */
  #serve(): void {
    for (let served = true; served && this.#lines.size > 0; ) {
      served = false;
      for (const [tenant, line] of [...this.#lines]) {
        const next = this.#firstThatFits(line);
        if (next === null) continue;
        const place = this.take(next.taker, next.amount);
        if (place === null) continue;
        served = true;
        next.give(place);
        if (line.size === 0) continue;
        this.#lines.delete(tenant);
        this.#lines.set(tenant, line);
      }
    }
  }

  /** Tries key by key; the key that is served goes to the end, so that the keys of a tenant take turns too. */
  #firstThatFits(line: TenantLine): Waiting | null {
    for (const [key, queue] of line) {
      const [first] = queue;
      if (first === undefined || !this.#share.fits(first.taker, first.amount)) continue;
      line.delete(key);
      line.set(key, queue);
      return first;
    }
    return null;
  }

  #refuse(amount: number): AppError {
    const shortage: Shortage = this.#share.free < amount ? 'full' : 'share';
    this.#refused[shortage] += 1;
    return this.#options.refusal(shortage);
  }
}
