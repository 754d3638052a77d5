/** A ledger whose prices can be changed, for tests of re-rating. */
import { installedData } from '@farthing/pricing/book';
import type { Database } from '../../packages/server/src/db/database.ts';
import { type LiveBooks, openLiveBooks } from '../../packages/server/src/price-book/live-books.ts';
import { addCards, type NewCard } from '../../packages/server/src/price-book/store.ts';
import { createRecorder } from '../../packages/server/src/record/create-recorder.ts';
import { USUAL_TERMS } from '../../packages/server/src/record/rate-event.ts';
import type { Recorder } from '../../packages/server/src/record/recorder.ts';
import { createRerater, type Rerater } from '../../packages/server/src/rerating/rerater.ts';
import type { NewRun, Run } from '../../packages/server/src/rerating/run.ts';
import { removeFolder, temporaryFolder } from '../ledger/recorders.ts';

export const silent = { info() {}, warn() {}, error() {} };

export interface PricedLedger {
  readonly books: LiveBooks;
  readonly recorder: Recorder;
  readonly rerater: Rerater;
  /** Puts a price in force. */
  price(card: Partial<NewCard> & Pick<NewCard, 'model'>): Promise<void>;
  /** Carries a run out and answers it when it has ended. */
  rerate(run?: Partial<NewRun>): Promise<Run>;
  close(): Promise<void>;
}

export const EVERYTHING: NewRun = {
  tenant: null,
  provider: null,
  model: null,
  from: null,
  to: null,
  unpricedOnly: false,
  dryRun: false,
  reason: 'test',
  actor: 'test',
};

export async function openPricedLedger(db: Database, lookEveryMs = 60_000): Promise<PricedLedger> {
  const books = await openLiveBooks({
    db,
    installed: { data: installedData, over: null },
    log: silent,
  });
  const spoolDirectory = await temporaryFolder();
  const log = { recorded() {}, failed() {}, notice() {} };
  const recorder = await createRecorder({ db, books, spoolDirectory, log });
  const rerater = createRerater({ db, books, terms: USUAL_TERMS, log: silent, lookEveryMs });
  return {
    books,
    recorder,
    rerater,
    async price(card) {
      await db.asOperator((tx) => addCards(tx, [{ ...CARD, ...card }], 'test'));
      await books.reload();
    },
    async rerate(run = {}) {
      const { id } = await rerater.start({ ...EVERYTHING, ...run });
      await rerater.idle();
      const found = await rerater.get(id);
      if (found === null) throw new Error('The run is gone.');
      return found.run;
    },
    async close() {
      await rerater.close();
      await recorder.drain();
      await books.close();
      await removeFolder(spoolDirectory);
    },
  };
}

const CARD: NewCard = {
  provider: 'openai',
  model: 'gpt-4o',
  tier: 'standard',
  speed: 'standard',
  region: null,
  valid_from: null,
  valid_to: null,
  time_of_day: null,
  unpriced: null,
  rates: { input_uncached: '1', input_cache_read: '0.5', output_text: '2' },
  provenance: { table: 'own', version: 'test', date: '2026-11-22' },
};
