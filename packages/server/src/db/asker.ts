/** The caller on whose behalf the database is read. Set once for a request, read when a connection is handed out. */
import { AsyncLocalStorage } from 'node:async_hooks';

/** The caller who waits for an answer. */
export interface Asker {
  /** The caller's tenant; null for an administrator of the instance. */
  readonly tenant: string | null;
  /** The person, or the key where there is none. */
  readonly key: string;
  /** Aborts when the caller disconnects before the answer; its reads are then cancelled. */
  readonly gone: AbortSignal;
  /** True once the answer was sent: work that continues after it is the server's own. */
  readonly answered?: () => boolean;
}

/** The purpose of a read. Exports have their own share, so that they never delay a report. */
export type ReadKind = 'report' | 'export';

interface Asking {
  readonly asker: Asker;
  readonly kind: ReadKind;
}

const asking = new AsyncLocalStorage<Asking>();

/**
 * Runs work on behalf of a caller: its reads wait in the caller's turn, and stop when the caller disconnects.
 *
 * @example askedBy({ tenant: 'acme', key: 'k1', gone: controller.signal }, () => answer());
 */
export function askedBy<Result>(asker: Asker, work: () => Result): Result {
  return asking.run({ asker, kind: 'report' }, work);
}

/** Runs work for the current caller as part of an export. Without a caller it stays the server's own work. */
export function asExport<Result>(work: () => Result): Result {
  const present = asking.getStore();
  return present === undefined ? work() : asking.run({ ...present, kind: 'export' }, work);
}

/** Runs work as the server's own, even if a caller started it. */
export function unasked<Result>(work: () => Result): Result {
  return asking.exit(work);
}

/** The caller of the current work; null: the server's own work, such as a job. */
export function presentAsker(): Asking | null {
  const present = asking.getStore();
  return present === undefined || present.asker.answered?.() === true ? null : present;
}
