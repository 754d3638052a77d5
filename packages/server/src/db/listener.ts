/** LISTEN on one connection of its own that comes back after a loss. */
import pg from 'pg';
import type { Log } from './log.ts';

/** Resolves once the channel is being listened to (or the first attempt failed: it goes on trying); call the result to stop. */
export type Listen = (
  channel: string,
  onPayload: (payload: string) => void,
  /** The connection was lost and is back: notifications may have been missed. */
  onResumed?: () => void,
) => Promise<() => void>;

const FIRST_RETRY_MS = 100;
const LONGEST_RETRY_MS = 5_000;

interface Handler {
  readonly onPayload: (payload: string) => void;
  readonly onResumed: () => void;
}

export interface Listener {
  readonly listen: Listen;
  close(): Promise<void>;
}

export function createListener(options: { readonly connectionString: string; readonly log: Log }): Listener {
  const { connectionString, log } = options;
  const handlers = new Map<string, Set<Handler>>();
  /** True once a connection was lost that had been listening. */
  let interrupted = false;
  let client: pg.Client | null = null;
  let connecting: Promise<void> | null = null;
  let retryTimer: NodeJS.Timeout | null = null;
  let retryMs = FIRST_RETRY_MS;
  let closed = false;

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
    candidate.on('notification', ({ channel, payload }) => {
      for (const { onPayload } of handlers.get(channel) ?? []) onPayload(payload ?? '');
    });
    try {
      await candidate.connect();
      for (const channel of handlers.keys()) await candidate.query(`listen ${pg.escapeIdentifier(channel)}`);
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
    for (const known of handlers.values()) for (const { onResumed } of known) onResumed();
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
    async listen(channel, onPayload, onResumed = () => undefined) {
      const handler: Handler = { onPayload, onResumed };
      const known = handlers.get(channel) ?? new Set();
      handlers.set(channel, known.add(handler));
      if (client !== null)
        await client.query(`listen ${pg.escapeIdentifier(channel)}`).catch(() => undefined);
      else {
        // A connection under way may already have passed its LISTEN loop.
        await connecting;
        if (client === null) await open();
        else
          await (client as pg.Client).query(`listen ${pg.escapeIdentifier(channel)}`).catch(() => undefined);
      }
      return () => {
        known.delete(handler);
      };
    },
    async close() {
      closed = true;
      if (retryTimer !== null) clearTimeout(retryTimer);
      await connecting;
      const last = client;
      client = null;
      await last?.end().catch(() => undefined);
    },
  };
}
