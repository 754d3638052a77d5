/** Tells every process what was committed: NOTIFY after the commit, a few times a second, never inside it. */
import type { Database } from '../db/database.ts';

/** One committed event, enough to fetch it. */
export interface FeedItem {
  readonly tenant: string;
  readonly id: string;
  /** Unix milliseconds. */
  readonly time: number;
}

export interface FeedMessage {
  readonly items: readonly FeedItem[];
  /** True when more were (or may have been) committed than are listed: read the newest from the ledger. */
  readonly overflow: boolean;
}

export const CHANNEL = 'farthing_events';
/** Postgres refuses 8,000 bytes and more. */
const LARGEST_PAYLOAD = 7_900;
const INTERVAL_MS = 250;
/** More would not fit into a payload anyway. */
const MOST_PENDING = 256;

export interface Announcer {
  add(items: readonly FeedItem[]): void;
  /** Sends what is pending and stops. */
  close(): Promise<void>;
}

export function createAnnouncer(db: Database): Announcer {
  let pending: FeedItem[] = [];
  let overflow = false;
  let sending: Promise<void> | null = null;
  let timer: NodeJS.Timeout | null = null;
  let quietUntil = 0;

  async function send(): Promise<void> {
    if (pending.length === 0 && !overflow) return;
    const payload = encodeFeed({ items: pending, overflow });
    pending = [];
    overflow = false;
    quietUntil = performance.now() + INTERVAL_MS;
    // A lost notification costs liveness, not data: whoever missed it reads the ledger.
    await db
      .asWriter((tx) => tx.query('select pg_notify($1, $2)', [CHANNEL, payload]))
      .catch(() => undefined);
  }

  function schedule(): void {
    if (timer !== null || sending !== null) return;
    timer = setTimeout(
      () => {
        timer = null;
        sending = send().finally(() => {
          sending = null;
          if (pending.length > 0 || overflow) schedule();
        });
      },
      Math.max(0, quietUntil - performance.now()),
    );
    timer.unref();
  }

  return {
    add(items) {
      if (items.length === 0) return;
      pending.push(...items.slice(-MOST_PENDING));
      if (items.length > MOST_PENDING || pending.length > MOST_PENDING) overflow = true;
      pending = pending.slice(-MOST_PENDING);
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

/** The newest items that fit, as JSON: `{"e":[[tenant,id,time],…],"o":true}`. */
export function encodeFeed({ items, overflow }: FeedMessage): string {
  const parts: string[] = [];
  let bytes = 32;
  let left = overflow;
  for (const item of items.toReversed()) {
    const part = JSON.stringify([item.tenant, item.id, item.time]);
    bytes += Buffer.byteLength(part) + 1;
    if (bytes > LARGEST_PAYLOAD) {
      left = true;
      break;
    }
    parts.push(part);
  }
  return `{"e":[${parts.reverse().join(',')}]${left ? ',"o":true' : ''}}`;
}
