/** The feed: who wants to know that events were committed, by this process or another, hears it here. */
import type { Database } from '../db/database.ts';
import { CHANNEL, type FeedItem, type FeedMessage } from './announcer.ts';

export type { FeedItem, FeedMessage } from './announcer.ts';

export interface Feed {
  /** `tenant` null hears every tenant. Returns the function that ends the subscription. */
  subscribe(tenant: string | null, onEvents: (message: FeedMessage) => void): () => void;
  close(): Promise<void>;
}

interface Subscription {
  readonly tenant: string | null;
  readonly onEvents: (message: FeedMessage) => void;
}

/**
 * Listens to the database's notifications: the one mechanism for own and other processes' commits.
 *
 * @example const stop = feed.subscribe('acme', ({ items }) => console.log(items.length));
 */
export async function createFeed(db: Database): Promise<Feed> {
  const subscriptions = new Set<Subscription>();
  const tell = (message: FeedMessage) => {
    for (const subscription of subscriptions) deliver(subscription, message);
  };
  const unlisten = await db.listen(
    CHANNEL,
    (payload) => {
      const message = decodeFeed(payload);
      if (message !== null) tell(message);
    },
    // What was committed while nobody listened is not known: everyone reads the newest.
    () => tell({ items: [], overflow: true }),
  );
  return {
    subscribe(tenant, onEvents) {
      const subscription = { tenant, onEvents };
      subscriptions.add(subscription);
      return () => {
        subscriptions.delete(subscription);
      };
    },
    async close() {
      subscriptions.clear();
      unlisten();
    },
  };
}

function deliver({ tenant, onEvents }: Subscription, message: FeedMessage): void {
  const items = tenant === null ? message.items : message.items.filter((item) => item.tenant === tenant);
  // Whose events the overflow left out is not known: everyone looks.
  if (items.length > 0 || message.overflow) onEvents({ items, overflow: message.overflow });
}

/** Anyone who may connect may notify: what does not look like ours is ignored. */
function decodeFeed(payload: string): FeedMessage | null {
  let parsed: unknown;
  try {
    parsed = JSON.parse(payload);
  } catch {
    return null;
  }
  if (typeof parsed !== 'object' || parsed === null || !('e' in parsed) || !Array.isArray(parsed.e))
    return null;
  const items: FeedItem[] = [];
  for (const entry of parsed.e as unknown[]) {
    if (!Array.isArray(entry)) continue;
    const [tenant, id, time] = entry as unknown[];
    if (typeof tenant === 'string' && typeof id === 'string' && typeof time === 'number')
      items.push({ tenant, id, time });
  }
  return { items, overflow: 'o' in parsed && parsed.o === true };
}
