/** On whose behalf the database is asked. Set once for a request, read where a connection is handed out. */
import { AsyncLocalStorage } from 'node:async_hooks';

/** Who waits for an answer. */
export interface Asker {
  /** The caller's tenant; null for an administrator of the instance. */
  readonly tenant: string | null;
  /** The person, or the key where there is none. */
  readonly key: string;
  /** Aborts when its asker has left before the answer: what is being read for it is stopped. */
  readonly gone: AbortSignal;
  /** True once the answer was given: what goes on from then is the server's own work. */
  readonly answered?: () => boolean;
}

/** What a read is for. Exports have a share of their own, so that files never push a report aside. */
export type ReadKind = 'report' | 'export';

interface Asking {
  readonly asker: Asker;
  readonly kind: ReadKind;
}

const asking = new AsyncLocalStorage<Asking>();

/**
 * Runs work for somebody: its reads take turns as theirs, and stop when they leave.
 *
 * @example askedBy({ tenant: 'acme', key: 'k1', gone: controller.signal }, () => answer());
 */
export function askedBy<Result>(asker: Asker, work: () => Result): Result {
  return asking.run({ asker, kind: 'report' }, work);
}

/** Runs work for the same asker as a part of an export; work that nobody asked for stays so. */
export function asExport<Result>(work: () => Result): Result {
  const present = asking.getStore();
  return present === undefined ? work() : asking.run({ ...present, kind: 'export' }, work);
}

/** Runs work that is the server's own, whoever set it off. */
export function unasked<Result>(work: () => Result): Result {
  return asking.exit(work);
}

/** Whom the present work is for; null: the server's own, such as a job. */
export function presentAsker(): Asking | null {
  const present = asking.getStore();
  return present === undefined || present.asker.answered?.() === true ? null : present;
}
