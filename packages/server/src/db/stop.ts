/** Stops a read that takes too long or whose caller has left, also in the database. */
import { AppError } from '@farthing/contract';
import type pg from 'pg';

/** The end of one read, should it come before its time. */
export interface Stop {
  /** The connection it runs on, from now until {@link end}. */
  watch(client: pg.PoolClient): void;
  /** Throws once the read is being stopped: no further statement is sent for it. */
  refuse(): void;
  /** The reason for the stop; undefined: it was not stopped. */
  reason(): unknown;
  /** Releases the connection; true if a cancel request was sent to the database. */
  end(): boolean;
}

export interface StopOptions {
  /** Milliseconds that a read may take, with all its statements. */
  readonly limitMs: number;
  /** Tells the database to cancel what the backend of this process id does. */
  readonly cancel: (processId: number) => Promise<void>;
}

/** Runs a read that stops with `gone` or at its time limit. */
export type ReadStopper = <Result>(
  gone: AbortSignal | undefined,
  read: (stop: Stop) => Promise<Result>,
) => Promise<Result>;

/** @example const stopping = createStops({ limitMs: 30_000, cancel }); await stopping(signal, (stop) => read(stop)); */
export function createStops({ limitMs, cancel }: StopOptions): ReadStopper {
  return async (gone, read) => {
    let processId: number | null = null;
    let told = false;
    let why: unknown;
    const stopNow = (reason: unknown) => {
      why ??= reason;
      if (processId === null || told) return;
      told = true;
      // If that fails, the statement's own time limit ends it.
      cancel(processId).catch(() => undefined);
    };
    const onGone = () => stopNow(gone?.reason);
    gone?.addEventListener('abort', onGone, { once: true });
    const limit = setTimeout(() => stopNow(tookTooLong(limitMs)), limitMs);
    try {
      return await read({
        watch(client) {
          processId = processIdOf(client);
          if (gone?.aborted === true) stopNow(gone.reason);
        },
        refuse() {
          if (why !== undefined) throw why;
        },
        reason: () => why,
        end() {
          processId = null;
          return told;
        },
      });
    } finally {
      clearTimeout(limit);
      gone?.removeEventListener('abort', onGone);
    }
  };
}

const tookTooLong = (limitMs: number) =>
  new AppError(
    'overloaded',
    `The answer took more than ${limitMs / 1_000} s to read: ask for less, such as fewer days or groups.`,
    { retryAfter: 30 },
  );

/** The process of a connection's backend, as it introduced itself; the types of `pg` leave it out. */
export function processIdOf(client: pg.PoolClient): number | null {
  return 'processID' in client && typeof client.processID === 'number' ? client.processID : null;
}
