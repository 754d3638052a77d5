/** Keeps the books in force up with the database: on every notice of a change, and every minute. */
import type { PriceBook, ProviderData } from '@farthing/pricing';
import type { Database, Log } from '../db/database.ts';
import type { PriceBooks } from './installed-book.ts';
import { type BookGeneration, makeBooks } from './make-books.ts';
import { readPrices } from './store.ts';

/** Notified by a trigger on the tables of prices. */
export const PRICES_CHANNEL = 'farthing_prices';
const EVERY_MS = 60_000;

export interface BookStatus {
  /** Version of the prices in force. */
  readonly version: string;
  /** Why the newest prices are not in force; null = they are. The last good ones are used meanwhile. */
  readonly problem: string | null;
}

export interface LiveBooks extends PriceBooks {
  status(): BookStatus;
  /** Reads the prices now and answers once they are in force (or were refused, see {@link status}). */
  reload(): Promise<void>;
  /** Calls back after each change of the prices in force. */
  onChange(listener: (version: string) => void): void;
  close(): Promise<void>;
}

export interface LiveBooksOptions {
  readonly db: Database;
  /** What lies under the prices of the database. */
  readonly base: PriceBook;
  /** Models of the base book, whose rules for names one's own cards take over. */
  readonly known: readonly ProviderData[];
  readonly log: Log;
}

/** Opens the books; where the database is away or its prices are unusable the base book is in force at first. */
export async function openLiveBooks({ db, base, known, log }: LiveBooksOptions): Promise<LiveBooks> {
  const nothing = { cards: [], aliases: [], overrides: [] };
  let current: BookGeneration = makeBooks(base, nothing, known);
  let problem: string | null = null;
  let reading: Promise<void> | null = null;
  let again = false;
  const listeners: ((version: string) => void)[] = [];

  async function read(): Promise<void> {
    do {
      again = false;
      try {
        const next = makeBooks(base, await db.asOperator((tx) => readPrices(tx)), known, current.cardOf);
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
  const stopListening = await db.listen(
    PRICES_CHANNEL,
    () => void reload(),
    () => void reload(),
  );
  const timer = setInterval(() => void reload(), EVERY_MS);
  timer.unref();
  return {
    forTenant: (tenant) => current.forTenant(tenant),
    forList: () => current.forList(),
    status: () => ({ version: current.fingerprint, problem }),
    reload,
    onChange: (listener) => void listeners.push(listener),
    async close() {
      clearInterval(timer);
      stopListening();
      await reading;
    },
  };
}
