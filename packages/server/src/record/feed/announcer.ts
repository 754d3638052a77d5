/** Tells every process what was committed: after the commit, a few times a second, never inside it. */
import type { Database } from '../../db/database.ts';
import { type FeedItem, type TenantCommits, writeRound } from './recent-commit-store.ts';

const INTERVAL_MS = 250;
/** Of one tenant in one round; a page shows fewer. */
export const MOST_ITEMS = 256;
/** With more than this in a quarter of a second, every subscriber is told to look. */
const MOST_TENANTS = 256;

export interface Announcer {
  add(items: readonly FeedItem[]): void;
  /** Sends what is pending and stops. */
  close(): Promise<void>;
}

export function createAnnouncer(db: Database): Announcer {
  let pending = new Map<string, { items: FeedItem[]; overflow: boolean }>();
  let sending: Promise<void> | null = null;
  let timer: NodeJS.Timeout | null = null;
  let quietUntil = 0;

  async function send(): Promise<void> {
    if (pending.size === 0) return;
    const tenants = pending;
    pending = new Map();
    quietUntil = performance.now() + INTERVAL_MS;
    for (const known of tenants.values()) trim(known);
    await write(db, tenants.size > MOST_TENANTS ? new Map() : tenants);
  }

  function schedule(): void {
    if (timer !== null || sending !== null) return;
    timer = setTimeout(
      () => {
        timer = null;
        sending = send().finally(() => {
          sending = null;
          if (pending.size > 0) schedule();
        });
      },
      Math.max(0, quietUntil - performance.now()),
    );
    timer.unref();
  }

  function keep(item: FeedItem): void {
    const known = pending.get(item.tenant) ?? { items: [], overflow: false };
    known.items.push(item);
    // Trimmed now and then, not for every event.
    if (known.items.length >= 2 * MOST_ITEMS) trim(known);
    pending.set(item.tenant, known);
  }

  return {
    add(items) {
      if (items.length === 0) return;
      for (const item of items) keep(item);
      schedule();
    },
    async close() {
      if (timer !== null) clearTimeout(timer);
      timer = null;
      await sending;
      await send();
    },
  };
}

/** Tells every process that events changed, but not which: every open view reads the ledger again. */
export const announceAll = (db: Database): Promise<void> => write(db, new Map());

/** A lost notice costs liveness, not data: the next read of the ledger finds the events. */
const write = (db: Database, tenants: ReadonlyMap<string, TenantCommits>): Promise<void> =>
  db
    .asWriter((tx) => writeRound(tx, tenants))
    .then(
      () => undefined,
      () => undefined,
    );

function trim(known: { items: FeedItem[]; overflow: boolean }): void {
  if (known.items.length <= MOST_ITEMS) return;
  known.items = known.items.slice(-MOST_ITEMS);
  known.overflow = true;
}
