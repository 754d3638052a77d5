/** Rates events without a price whenever the prices in force change, and once at the start. */
import type { Log } from '../db/database.ts';
import type { LiveBooks } from '../price-book/live-books.ts';
import type { Rerater } from './rerater.ts';

/** Until then every process has the new prices, and what it rated with the old ones is stored. */
const ONCE_MORE_MS = 65_000;

/** Call the result to stop. */
export function followPrices(books: LiveBooks, rerater: Rerater, log: Log): () => void {
  const timers = new Set<NodeJS.Timeout>();
  let stopped = false;
  const rate = (trigger: string) => {
    if (stopped) return;
    rerater.rateUnpriced(trigger).catch((error: unknown) => {
      const reason = error instanceof Error ? error.message : String(error);
      log.warn({ error: reason }, 'Events without a price were not rated');
    });
  };
  const changed = (version: string) => {
    rate(version);
    const timer = setTimeout(() => {
      timers.delete(timer);
      rate(`${version} (once more)`);
    }, ONCE_MORE_MS);
    timer.unref();
    timers.add(timer);
  };
  books.onChange(changed);
  rate(books.status().version);
  return () => {
    stopped = true;
    for (const timer of timers) clearTimeout(timer);
  };
}
