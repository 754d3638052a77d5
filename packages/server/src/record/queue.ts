/** The queue in front of the transactions: bounded in bytes, first in first out, one entry per id and batch. */
import type { RecordOutcome, UsageEvent } from '../ledger/usage-event.ts';
import type { Entry } from './commit.ts';

/** Who waits for the entries of one call; `position` is the entry's place in it. */
export interface Caller {
  settled(position: number, event: UsageEvent, outcome: RecordOutcome): void;
  failed(error: unknown): void;
}

/** An entry with the caller that waits for it. Settled or failed exactly once. */
export interface Item {
  readonly entry: Entry;
  readonly bytes: number;
  readonly caller: Caller;
  readonly position: number;
}

/** What one transaction takes. */
export interface Batch {
  /** All keys differ. */
  readonly leaders: readonly Item[];
  /** Later items of the same key, in order: judged by what their leader left behind. */
  readonly followers: ReadonlyMap<string, readonly Item[]>;
}

/** Approximate bytes an entry keeps in memory: its row, and about as much again as objects. */
export function itemBytes(entry: Entry): number {
  return entry.row.length * 2 + 512;
}

export class ItemQueue {
  #items: Item[] = [];
  #head = 0;

  get length(): number {
    return this.#items.length - this.#head;
  }

  push(item: Item): void {
    this.#items.push(item);
  }

  /** Takes the oldest items up to the bounds, at least one. */
  take(limits: { readonly events: number; readonly bytes: number }): Batch {
    const leaders = new Map<string, Item>();
    const followers = new Map<string, Item[]>();
    let bytes = 0;
    let count = 0;
    while (this.#head < this.#items.length && count < limits.events) {
      const item = this.#items[this.#head];
      if (item === undefined) break;
      if (count > 0 && bytes + item.entry.row.length > limits.bytes) break;
      this.#head += 1;
      count += 1;
      bytes += item.entry.row.length;
      const { key } = item.entry;
      if (!leaders.has(key)) leaders.set(key, item);
      else followers.set(key, [...(followers.get(key) ?? []), item]);
    }
    this.#compact();
    return { leaders: [...leaders.values()], followers };
  }

  /** Empties the queue. */
  takeAll(): Item[] {
    const items = this.#items.slice(this.#head);
    this.#items = [];
    this.#head = 0;
    return items;
  }

  #compact(): void {
    if (this.#head < 1024 && this.#head < this.#items.length) return;
    this.#items = this.#items.slice(this.#head);
    this.#head = 0;
  }
}
