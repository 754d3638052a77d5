/** How a server in the foreground ends. */
import type { RunningServer } from '@farthing/server';

/**
 * Signals this close together are one wish: Ctrl-C reaches every process of the terminal's group, and npm and the
 * front door pass theirs on as well.
 */
const SAME_WISH_MS = 1_000;

/** SIGHUP comes when the terminal is closed: the embedded PostgreSQL must not stay behind. */
const SIGNALS = ['SIGTERM', 'SIGINT', 'SIGHUP'] as const;
const EXIT_CODE = { SIGTERM: 143, SIGINT: 130, SIGHUP: 129 } as const;

/** Resolves when the server has stopped. The first signal drains; a later one leaves at once, which loses nothing acknowledged. */
export function stopOnSignal(server: Pick<RunningServer, 'stop'>): Promise<void> {
  return new Promise((resolve, reject) => {
    let askedAt: number | null = null;
    const stop = (signal: (typeof SIGNALS)[number]) => {
      const now = performance.now();
      if (askedAt === null) {
        askedAt = now;
        server.stop().then(resolve, reject);
      } else if (now - askedAt > SAME_WISH_MS) {
        process.exit(EXIT_CODE[signal]);
      }
    };
    for (const signal of SIGNALS) process.on(signal, () => stop(signal));
  });
}
