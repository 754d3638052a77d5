/** LISTEN on a dedicated connection that reconnects after a loss. */
import pg from 'pg';
import type { Log } from './log.ts';
import { atMostEvery, type Topic, WAKE_INTERVAL_MS } from './wake-ups.ts';

/**
 * Calls `onWake` when something is new, at most every WAKE_INTERVAL_MS, and after a reconnect. A notice carries no
 * data, so the caller reads what is new. Resolves once it listens, or once the first attempt has failed; it keeps
 * trying. Call the result to stop.
 */
export type Listen = (topic: Topic, onWake: () => void) => Promise<() => void>;

const FIRST_RETRY_MS = 100;
const LONGEST_RETRY_MS = 5_000;

export interface Listener {
  readonly listen: Listen;
  close(): Promise<void>;
}

/** Opens no connection before something is listened to. */
export const createListener = (options: ListenerOptions): Listener => new ReconnectingListener(options);

export interface ListenerOptions {
  readonly connectionString: string;
  readonly log: Log;
}

class ReconnectingListener implements Listener {
  readonly #connectionString: string;
  readonly #log: Log;
  readonly #handlers = new Map<Topic, Set<ReturnType<typeof atMostEvery>>>();
  readonly #topics = new Map<string, Topic>();
  /** True once a connection was lost that had been listening. */
  #interrupted = false;
  #client: pg.Client | null = null;
  #connecting: Promise<void> | null = null;
  #retryTimer: NodeJS.Timeout | null = null;
  #retryMs = FIRST_RETRY_MS;
  #closed = false;

  constructor({ connectionString, log }: ListenerOptions) {
    this.#connectionString = connectionString;
    this.#log = log;
  }

  readonly listen: Listen = async (topic, onWake) => {
    const handler = atMostEvery(WAKE_INTERVAL_MS, onWake);
    const known = this.#handlers.get(topic) ?? new Set();
    this.#handlers.set(topic, known.add(handler));
    // A connection under way may already have passed its loop over the topics.
    await this.#connecting;
    if (this.#client === null) await this.#open();
    else await this.#subscribe(this.#client, topic).catch(() => undefined);
    return () => {
      handler.stop();
      known.delete(handler);
    };
  };

  async close(): Promise<void> {
    this.#closed = true;
    if (this.#retryTimer !== null) clearTimeout(this.#retryTimer);
    await this.#connecting;
    const last = this.#client;
    this.#client = null;
    for (const known of this.#handlers.values()) for (const { stop } of known) stop();
    await last?.end().catch(() => undefined);
  }

  #wake(topic: Topic | undefined): void {
    if (topic !== undefined) for (const { ask } of this.#handlers.get(topic) ?? []) ask();
  }

  /** Only the server's roles can read the name of a channel. */
  async #subscribe(to: pg.Client, topic: Topic): Promise<void> {
    const { rows } = await to.query<{ channel: string }>('select channel from wake_ups where topic = $1', [
      topic,
    ]);
    const channel = rows[0]?.channel;
    if (channel === undefined) throw new Error(`The table wake_ups has no row for ${topic}.`);
    this.#topics.set(channel, topic);
    await to.query(`listen ${pg.escapeIdentifier(channel)}`);
  }

  async #connect(): Promise<void> {
    const candidate = new pg.Client({
      connectionString: this.#connectionString,
      application_name: 'farthing listen',
      keepAlive: true,
      connectionTimeoutMillis: 5_000,
    });
    const lost = (error?: Error) => {
      if (this.#client !== candidate) return;
      this.#client = null;
      this.#interrupted = true;
      this.#retryLater(error);
    };
    candidate.on('error', lost);
    candidate.on('end', () => lost());
    candidate.on('notification', ({ channel }) => this.#wake(this.#topics.get(channel)));
    try {
      await candidate.connect();
      for (const topic of this.#handlers.keys()) await this.#subscribe(candidate, topic);
      this.#client = candidate;
      this.#retryMs = FIRST_RETRY_MS;
      if (this.#interrupted) this.#resume();
    } catch (error) {
      await candidate.end().catch(() => undefined);
      this.#retryLater(error instanceof Error ? error : undefined);
    }
  }

  #resume(): void {
    this.#interrupted = false;
    for (const topic of this.#handlers.keys()) this.#wake(topic);
  }

  #retryLater(error?: Error): void {
    if (this.#closed || this.#retryTimer !== null) return;
    this.#log.warn(
      { error: error?.message, retry_ms: this.#retryMs },
      'Notification connection lost, reconnecting',
    );
    this.#retryTimer = setTimeout(() => {
      this.#retryTimer = null;
      void this.#open();
    }, this.#retryMs);
    this.#retryTimer.unref();
    this.#retryMs = Math.min(this.#retryMs * 2, LONGEST_RETRY_MS);
  }

  #open(): Promise<void> {
    this.#connecting ??= this.#connect().finally(() => {
      this.#connecting = null;
    });
    return this.#connecting;
  }
}
