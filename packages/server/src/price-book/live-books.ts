/** Keeps the books in force up with the database: on every wake-up, and every minute. */
import type { Database, Log, Tx } from '../db/database.ts';
import type { PriceBooks } from './installed-book.ts';
import {
  type BaseBook,
  type BookGeneration,
  baseBook,
  type InstalledPrices,
  makeBooks,
} from './make-books.ts';
import type { PriceRows } from './price-rows.ts';
import { type Refresh, refreshedData } from './refresh/refreshed-data.ts';
import { readPrices } from './store.ts';
import { readRefreshes } from './version-store.ts';

const EVERY_MS = 60_000;

export interface BookStatus {
  /** Version of the prices in force. */
  readonly version: string;
  /** Why the newest prices are not in force; null = they are. The last good ones are used meanwhile. */
  readonly problem: string | null;
}

export interface LiveBooks extends PriceBooks {
  status(): BookStatus;
  /** The book installed with this release, and the overrides of the environment. */
  readonly installed: InstalledPrices;
  /** Reads the prices now and answers once they are in force (or were refused, see {@link status}). */
  reload(): Promise<void>;
  /** Calls back after each change of the prices in force. */
  onChange(listener: (version: string) => void): void;
  close(): Promise<void>;
}

export interface LiveBooksOptions {
  readonly db: Database;
  /** The layers below the prices of the database. */
  readonly installed: InstalledPrices;
  readonly log: Log;
}

/** Opens the books. If the database is away or its prices are unusable, the installed book is in force at first. */
export async function openLiveBooks({ db, installed, log }: LiveBooksOptions): Promise<LiveBooks> {
  const nothing: PriceRows = { cards: [], aliases: [], overrides: [], refreshes: [] };
  const base = createBases(installed);
  let current: BookGeneration = makeBooks(base([]), nothing);
  let problem: string | null = null;
  let reading: Promise<void> | null = null;
  let again = false;
  const listeners: ((version: string) => void)[] = [];

  async function read(): Promise<void> {
    do {
      again = false;
      try {
        const { rows, refreshes } = await db.asOperator(async (tx) => {
          const found = await readPrices(tx);
          return { rows: found, refreshes: await base.read(tx, found.refreshes) };
        });
        const next = makeBooks(base(refreshes), rows, current.cardOf);
        if (problem !== null) log.info({ price_book: next.fingerprint }, 'The price book is good again');
        problem = null;
        if (next.fingerprint === current.fingerprint) continue;
        current = next;
        log.info({ price_book: next.fingerprint }, 'Prices changed');
        for (const listener of listeners) listener(next.fingerprint);
      } catch (error) {
        const reason = error instanceof Error ? error.message : String(error);
        if (reason !== problem) {
          log.error({ error: reason, price_book: current.fingerprint }, 'Kept the last good price book');
        }
        problem = reason;
      }
    } while (again);
  }
  function reload(): Promise<void> {
    if (reading !== null) again = true;
    reading ??= read().finally(() => {
      reading = null;
    });
    return reading;
  }
  await reload();
  // A trigger on the tables of prices wakes up who listens.
  const stopListening = await db.listen('prices', () => void reload());
  const timer = setInterval(() => void reload(), EVERY_MS);
  timer.unref();
  return {
    forTenant: (tenant) => current.forTenant(tenant),
    forList: () => current.forList(),
    status: () => ({ version: current.fingerprint, problem }),
    installed,
    reload,
    onChange: (listener) => void listeners.push(listener),
    async close() {
      clearInterval(timer);
      stopListening();
      await reading;
    },
  };
}

/** Makes base books, and keeps the last: refreshes are rare and large, looks at the database are not. */
function createBases(installed: InstalledPrices) {
  let last: { readonly key: string; readonly base: BaseBook } | null = null;
  let known: readonly Refresh[] = [];
  const make = (refreshes: readonly Refresh[]): BaseBook => {
    const key = refreshes.map(({ id }) => id).join(',');
    if (last?.key !== key)
      last = { key, base: baseBook(installed, refreshedData(installed.data, refreshes)) };
    return last.base;
  };
  const read = async (tx: Tx, ids: readonly string[]): Promise<readonly Refresh[]> => {
    if (known.map(({ id }) => id).join(',') !== ids.join(',')) known = await readRefreshes(tx, ids);
    return known;
  };
  return Object.assign(make, { read });
}
