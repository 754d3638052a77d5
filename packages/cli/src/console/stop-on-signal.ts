/** How a server in the foreground ends. */
import type { RunningServer } from '@farthing/server';

/**
 * Signals this close together count as one: Ctrl-C reaches every process of the terminal's group, and npm and the
 * front door also pass theirs on.
 */
const SAME_WISH_MS = 1_000;

/** SIGHUP comes when the terminal is closed: the embedded PostgreSQL must not stay behind. */
const SIGNALS = ['SIGTERM', 'SIGINT', 'SIGHUP'] as const;
const EXIT_CODE = { SIGTERM: 143, SIGINT: 130, SIGHUP: 129 } as const;

/** A stop that a signal may ask for. */
export interface StopOnSignal {
  /** Whether a signal has come: later failures are its consequence. */
  readonly asked: boolean;
  /** Resolves when the server has stopped. */
  readonly stopped: Promise<void>;
}

/**
 * Listens from the beginning. A signal during the start is obeyed once the server has started, so that nothing
 * half-made and no PostgreSQL stays behind. The first signal drains; a later one exits at once, which loses nothing
 * acknowledged.
 *
 * @example const stopping = stopOnSignal(startServer(config));
 */
export function stopOnSignal(starting: Promise<Pick<RunningServer, 'stop'>>): StopOnSignal {
  const stopped = Promise.withResolvers<void>();
  let askedAt: number | null = null;
  const stop = (signal: (typeof SIGNALS)[number]) => {
    const now = performance.now();
    if (askedAt === null) {
      askedAt = now;
      // A failed start has closed what it opened, and reports its own error.
      starting
        .then(
          (server) => server.stop(),
          () => undefined,
        )
        .then(stopped.resolve, stopped.reject);
    } else if (now - askedAt > SAME_WISH_MS) {
      process.exit(EXIT_CODE[signal]);
    }
  };
  for (const signal of SIGNALS) process.on(signal, () => stop(signal));
  return {
    get asked() {
      return askedAt !== null;
    },
    stopped: stopped.promise,
  };
}
