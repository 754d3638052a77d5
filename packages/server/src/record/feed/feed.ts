/** The feed: notifies subscribers of events committed by this process or another. */
import type { Database } from '../../db/database.ts';
import { MOST_ITEMS } from './announcer.ts';
import { type FeedItem, readNewestRound, readRounds, type TenantCommits } from './recent-commit-store.ts';

export type { FeedItem } from './recent-commit-store.ts';

export interface FeedMessage {
  readonly items: readonly FeedItem[];
  /** True when more were (or may have been) committed than are listed: read the newest from the ledger. */
  readonly overflow: boolean;
}

export interface Feed {
  /** `tenant` null hears every tenant. Returns the function that ends the subscription. */
  subscribe(tenant: string | null, onEvents: (message: FeedMessage) => void): () => void;
  close(): Promise<void>;
}

interface Subscription {
  readonly tenant: string | null;
  readonly onEvents: (message: FeedMessage) => void;
}

/** A wake-up that was lost is made up for this often. */
const LOOK_EVERY_MS = 5_000;
const EVERYONE: FeedMessage = { items: [], overflow: true };

/**
 * The one mechanism for own and other processes' commits: a wake-up makes it read the rounds of commits that it has not
 * seen yet, under the server's own role. No content of a notice is trusted, and it reads at most ten times a second,
 * however many notices come.
 *
 * @example const stop = feed.subscribe('acme', ({ items }) => console.log(items.length));
 */
export async function createFeed(db: Database): Promise<Feed> {
  const subscriptions = new Set<Subscription>();
  /** The newest round already announced; null: not known. */
  let seen: bigint | null = null;
  let looking: Promise<void> | null = null;
  let again = false;

  async function look(): Promise<void> {
    do {
      again = false;
      const since = seen;
      if (since === null || subscriptions.size === 0) {
        seen = await db.asOperator(readNewestRound);
        if (since === null) tell(null);
        continue;
      }
      const { head, tenants } = await db.asOperator((tx) => readRounds(tx, since));
      seen = head;
      tell(tenants);
    } while (again);
  }

  /** If it is unknown which tenants' events were missed, every subscriber is told to look. */
  function tell(tenants: ReadonlyMap<string, TenantCommits> | null): void {
    for (const { tenant, onEvents } of subscriptions) {
      const message = tenants === null ? EVERYONE : messageOf(tenants, tenant);
      if (message.items.length > 0 || message.overflow) onEvents(message);
    }
  }

  function lookSoon(): void {
    again = true;
    // If the database is away, the next look catches up.
    looking ??= look()
      .catch(() => undefined)
      .finally(() => {
        looking = null;
      });
  }

  lookSoon();
  const unlisten = await db.listen('events', lookSoon);
  await looking;
  const timer = setInterval(lookSoon, LOOK_EVERY_MS);
  timer.unref();
  return {
    subscribe(tenant, onEvents) {
      const subscription = { tenant, onEvents };
      subscriptions.add(subscription);
      return () => {
        subscriptions.delete(subscription);
      };
    },
    async close() {
      clearInterval(timer);
      subscriptions.clear();
      unlisten();
      await looking;
    },
  };
}

/** The newest commits of one tenant, or of all: no more than a page shows. */
function messageOf(tenants: ReadonlyMap<string, TenantCommits>, tenant: string | null): FeedMessage {
  const own =
    tenant === null ? [...tenants.values()] : [tenants.get(tenant)].filter((one) => one !== undefined);
  const items = own.flatMap((commits) => commits.items);
  return {
    items: items.slice(-MOST_ITEMS),
    overflow: items.length > MOST_ITEMS || own.some(({ overflow }) => overflow),
  };
}
