/**
 * The queue in front of the transactions. Tenants take turns, and within a tenant its keys: the one that sends most
 * waits longest. Events of one key stay in their order. Events suspected of holding up a transaction wait in a separate
 * line, the line aside.
 */
import type { RecordOutcome, UsageEvent } from '../../ledger/usage-event.ts';
import type { Entry } from '../commit/commit.ts';

/** The caller that waits for the entries of one call; `position` is the entry's place in it. */
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

/** The content of one transaction. */
export interface Batch {
  /** All keys differ. */
  readonly leaders: readonly Item[];
  /** Later items of the same id, in order: judged against the stored result of their leader. */
  readonly followers: ReadonlyMap<string, readonly Item[]>;
}

/** Bounds of one transaction. */
export interface BatchLimits {
  readonly events: number;
  readonly bytes: number;
}

/** Approximate bytes an entry keeps in memory: its row, and about as much again as objects. */
export function itemBytes(entry: Entry): number {
  return entry.row.length * 2 + 512;
}

/** A larger row gets its own transaction in the line aside: it is as large as a hundred usual events. */
const HEAVY_ROW_BYTES = 128 * 1024;
/** Bytes a tenant may take in one turn; a row costs its bytes plus the fixed cost of a short row. */
const TURN_BYTES = 64 * 1024;
const ROW_COST = 1024;

export class ItemQueue {
  readonly #main = new Line();
  readonly #aside = new Line();
  /** By source, until when (milliseconds of `performance.now()`) its events go to the line aside. */
  readonly #suspects = new Map<string, number>();

  /** Items that wait in the main line. */
  get length(): number {
    return this.#main.length;
  }

  /** Items in the line aside. */
  get aside(): number {
    return this.#aside.length;
  }

  push(item: Item): void {
    if (item.entry.row.length > HEAVY_ROW_BYTES || this.#isSuspect(item)) this.#aside.push(item);
    else this.#main.push(item);
  }

  /** For `forMs` from now on, events of this event's source go to the line aside; waiting ones are moved there. */
  suspect(event: UsageEvent, forMs: number): void {
    this.#suspects.set(sourceOf(event), performance.now() + forMs);
    for (const item of this.#main.remove(event.tenant, keyOf(event))) this.#aside.push(item);
  }

  /** Takes items of the main line by turns up to the bounds, at least one. */
  take(limits: BatchLimits): Batch {
    return this.#main.take(limits);
  }

  /** The same for the line aside. */
  takeAside(limits: BatchLimits): Batch {
    return this.#aside.take(limits);
  }

  /** Empties the queue; the oldest of each source first. */
  takeAll(): Item[] {
    return [...this.#main.takeAll(), ...this.#aside.takeAll()];
  }

  #isSuspect({ entry }: Item): boolean {
    if (this.#suspects.size === 0) return false;
    const source = sourceOf(entry.rated.event);
    const until = this.#suspects.get(source);
    if (until === undefined) return false;
    if (performance.now() < until) return true;
    this.#suspects.delete(source);
    return false;
  }
}

const keyOf = ({ attribution }: UsageEvent): string => attribution.apiKeyId ?? '';
const sourceOf = (event: UsageEvent): string => `${event.tenant}\0${keyOf(event)}`;

/** Items of one key, first in first out. */
class KeyLine {
  #items: Item[] = [];
  #head = 0;

  get first(): Item | undefined {
    return this.#items[this.#head];
  }

  push(item: Item): void {
    this.#items.push(item);
  }

  shift(): void {
    this.#head += 1;
    if (this.#head < 1024 && this.#head < this.#items.length) return;
    this.#items = this.#items.slice(this.#head);
    this.#head = 0;
  }

  rest(): Item[] {
    return this.#items.slice(this.#head);
  }
}

interface TenantLine {
  readonly keys: Map<string, KeyLine>;
  /** Bytes left of its turn; an excess is subtracted from the next turn. */
  credit: number;
}

/** Deficit round robin: the first of each map is next, and goes to the end when its turn is over. */
class Line {
  readonly #tenants = new Map<string, TenantLine>();
  #length = 0;

  get length(): number {
    return this.#length;
  }

  push(item: Item): void {
    const { event } = item.entry.rated;
    let tenant = this.#tenants.get(event.tenant);
    if (tenant === undefined) {
      tenant = { keys: new Map(), credit: 0 };
      this.#tenants.set(event.tenant, tenant);
    }
    const name = keyOf(event);
    let key = tenant.keys.get(name);
    if (key === undefined) {
      key = new KeyLine();
      tenant.keys.set(name, key);
    }
    key.push(item);
    this.#length += 1;
  }

  take(limits: BatchLimits): Batch {
    const leaders = new Map<string, Item>();
    const followers = new Map<string, Item[]>();
    let bytes = 0;
    let count = 0;
    for (const item of this.#byTurns()) {
      const row = item.entry.row.length;
      if (count > 0 && (count >= limits.events || bytes + row > limits.bytes || row > HEAVY_ROW_BYTES)) break;
      this.#shift(item);
      count += 1;
      bytes += row;
      const { key } = item.entry;
      const behind = followers.get(key);
      if (behind !== undefined) behind.push(item);
      else if (leaders.has(key)) followers.set(key, [item]);
      else leaders.set(key, item);
      if (row > HEAVY_ROW_BYTES) break;
    }
    return { leaders: [...leaders.values()], followers };
  }

  takeAll(): Item[] {
    const items = [...this.#tenants.values()].flatMap(({ keys }) =>
      [...keys.values()].flatMap((key) => key.rest()),
    );
    this.#tenants.clear();
    this.#length = 0;
    return items;
  }

  remove(tenantName: string, keyName: string): Item[] {
    const tenant = this.#tenants.get(tenantName);
    const items = tenant?.keys.get(keyName)?.rest() ?? [];
    tenant?.keys.delete(keyName);
    if (tenant?.keys.size === 0) this.#tenants.delete(tenantName);
    this.#length -= items.length;
    return items;
  }

  /** The items in turn order; yields the same item again until it is shifted. */
  *#byTurns(): Generator<Item> {
    for (;;) {
      const [next] = this.#tenants;
      if (next === undefined) return;
      const [name, tenant] = next;
      if (tenant.credit <= 0) tenant.credit += TURN_BYTES;
      while (tenant.credit > 0) {
        const first = firstOf(tenant);
        if (first === undefined) break;
        yield first;
      }
      this.#tenants.delete(name);
      if (tenant.keys.size === 0) continue;
      this.#tenants.set(name, tenant);
      rotate(tenant.keys);
    }
  }

  #shift(item: Item): void {
    const { event } = item.entry.rated;
    const tenant = this.#tenants.get(event.tenant);
    const name = keyOf(event);
    const key = tenant?.keys.get(name);
    if (tenant === undefined || key === undefined) return;
    key.shift();
    if (key.first === undefined) tenant.keys.delete(name);
    tenant.credit -= item.entry.row.length + ROW_COST;
    this.#length -= 1;
  }
}

function firstOf({ keys }: TenantLine): Item | undefined {
  for (const key of keys.values()) return key.first;
  return undefined;
}

function rotate(keys: Map<string, KeyLine>): void {
  const [first] = keys;
  if (first === undefined || keys.size === 1) return;
  keys.delete(first[0]);
  keys.set(first[0], first[1]);
}
