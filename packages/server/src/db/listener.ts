/** LISTEN on one connection of its own that comes back after a loss. */
import pg from 'pg';
import type { Log } from './log.ts';
import { atMostEvery, type Topic, WAKE_INTERVAL_MS } from './wake-ups.ts';

/**
 * Calls `onWake` when something is new, at most every WAKE_INTERVAL_MS, and after a connection that was lost is back. What
 * is new has to be read: a notice carries nothing. Resolves once the channel is being listened to (or the first attempt
 * failed: it goes on trying); call the result to stop.
 */
export type Listen = (topic: Topic, onWake: () => void) => Promise<() => void>;

const FIRST_RETRY_MS = 100;
const LONGEST_RETRY_MS = 5_000;

export interface Listener {
  readonly listen: Listen;
  close(): Promise<void>;
}

export function createListener(options: { readonly connectionString: string; readonly log: Log }): Listener {
  const { connectionString, log } = options;
  const handlers = new Map<Topic, Set<ReturnType<typeof atMostEvery>>>();
  const topics = new Map<string, Topic>();
  /** True once a connection was lost that had been listening. */
  let interrupted = false;
  let client: pg.Client | null = null;
  let connecting: Promise<void> | null = null;
  let retryTimer: NodeJS.Timeout | null = null;
  let retryMs = FIRST_RETRY_MS;
  let closed = false;

  function wake(topic: Topic | undefined): void {
    if (topic !== undefined) for (const { ask } of handlers.get(topic) ?? []) ask();
  }

  /** Only the server's roles can read the name of a channel. */
  async function subscribe(to: pg.Client, topic: Topic): Promise<void> {
    const { rows } = await to.query<{ channel: string }>('select channel from wake_ups where topic = $1', [
      topic,
    ]);
    const channel = rows[0]?.channel;
    if (channel === undefined) throw new Error(`The table wake_ups has no row for ${topic}.`);
    topics.set(channel, topic);
    await to.query(`listen ${pg.escapeIdentifier(channel)}`);
  }

  async function connect(): Promise<void> {
    const candidate = new pg.Client({
      connectionString,
      application_name: 'farthing listen',
      keepAlive: true,
      connectionTimeoutMillis: 5_000,
    });
    const lost = (error?: Error) => {
      if (client !== candidate) return;
      client = null;
      interrupted = true;
      retryLater(error);
    };
    candidate.on('error', lost);
    candidate.on('end', () => lost());
    candidate.on('notification', ({ channel }) => wake(topics.get(channel)));
    try {
      await candidate.connect();
      for (const topic of handlers.keys()) await subscribe(candidate, topic);
      client = candidate;
      retryMs = FIRST_RETRY_MS;
      if (interrupted) resume();
    } catch (error) {
      await candidate.end().catch(() => undefined);
      retryLater(error instanceof Error ? error : undefined);
    }
  }

  function resume(): void {
    interrupted = false;
    for (const topic of handlers.keys()) wake(topic);
  }

  function retryLater(error?: Error): void {
    if (closed || retryTimer !== null) return;
    log.warn({ error: error?.message, retry_ms: retryMs }, 'Notification connection lost, reconnecting');
    retryTimer = setTimeout(() => {
      retryTimer = null;
      void open();
    }, retryMs);
    retryTimer.unref();
    retryMs = Math.min(retryMs * 2, LONGEST_RETRY_MS);
  }

  function open(): Promise<void> {
    connecting ??= connect().finally(() => {
      connecting = null;
    });
    return connecting;
  }

  return {
    async listen(topic, onWake) {
      const handler = atMostEvery(WAKE_INTERVAL_MS, onWake);
      const known = handlers.get(topic) ?? new Set();
      handlers.set(topic, known.add(handler));
      // A connection under way may already have passed its loop over the topics.
      await connecting;
      if (client === null) await open();
      else await subscribe(client, topic).catch(() => undefined);
      return () => {
        handler.stop();
        known.delete(handler);
      };
    },
    async close() {
      closed = true;
      if (retryTimer !== null) clearTimeout(retryTimer);
      await connecting;
      const last = client;
      client = null;
      for (const known of handlers.values()) for (const { stop } of known) stop();
      await last?.end().catch(() => undefined);
    },
  };
}
