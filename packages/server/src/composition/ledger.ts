/** The write path: prices, the recorder with the journal in front of it, and what follows when prices change. */

import { join } from 'node:path';
import { installedData } from '@farthing/pricing/book';
import type { AccountParts, LedgerParts } from '../context.ts';
import { createIngest } from '../ingest/ingest.ts';
import { recorderLog } from '../log.ts';
import { type LiveBooks, openLiveBooks } from '../price-book/live-books.ts';
import { overridesOf } from '../price-book/overrides/override-prices.ts';
import { readInstalledTable } from '../price-book/refresh/read-table.ts';
import { createRecorder } from '../record/create-recorder.ts';
import { createFeed } from '../record/feed/feed.ts';
import { type Journal, openJournal } from '../record/journal/journal.ts';
import { JOURNAL_SEGMENT_BYTES } from '../record/limits.ts';
import type { Recorder } from '../record/recorder.ts';
import type { Files } from '../record/spool/files.ts';
import { followPrices } from '../rerating/follow-prices.ts';
import { createRerater } from '../rerating/rerater.ts';
import type { Ground } from './ground.ts';
import type { Opening } from './opening.ts';

/**
 * Opens it from the ledger outward: the recorder, then the journal in front of it. Closing then drains the journal into a
 * recorder that still records, and everything accepted becomes durable.
 */
export async function openLedger(
  opening: Opening,
  ground: Ground,
  { knownTenants }: AccountParts,
  files: Files | undefined,
): Promise<LedgerParts> {
  const { config, db, log, now } = ground;
  const books = await openBooks(opening, ground);
  const recorder = await openRecorder(opening, ground, books, files);
  const journal = await openJournalBefore(opening, ground, recorder, files);
  const rerater = await opening.part(
    're-rating',
    () => createRerater({ db, books, terms: config.recording.terms, log }),
    (part) => part.close(),
  );
  await opening.part(
    're-rating after a change of prices',
    () => followPrices(books, rerater, log),
    (stop) => stop(),
  );
  const feed = await opening.part(
    'feed of new events',
    () => createFeed(db),
    (part) => part.close(),
  );
  const ingest = createIngest({
    recorder,
    tenantExists: knownTenants.exists,
    enabled: config.recording.enabled,
    onSurprise: (error) => log.error({ err: error }, 'An item could not be read'),
  });
  const readPriceTable = () => readInstalledTable(new Date(now()).toISOString().slice(0, 10));
  return { books, readPriceTable, recorder, journal, rerater, feed, ingest };
}

function openBooks(opening: Opening, { config, db, log, now }: Ground): Promise<LiveBooks> {
  const over = overridesOf(config.priceOverrides, new Date(now()));
  return opening.part(
    'price books',
    () => openLiveBooks({ db, installed: { data: installedData, over }, log }),
    (part) => part.close(),
  );
}

function openRecorder(
  opening: Opening,
  { config, db, log, now }: Ground,
  books: LiveBooks,
  files: Files | undefined,
): Promise<Recorder> {
  return opening.part(
    'recorder',
    () =>
      createRecorder({
        db,
        books,
        terms: config.recording.terms,
        spoolDirectory: join(config.dataDir, 'spool'),
        log: recorderLog(log),
        now,
        ...(files === undefined ? {} : { files }),
        limits: { spoolBytes: config.recording.spoolBytes },
      }),
    (part) => part.drain(),
  );
}

function openJournalBefore(
  opening: Opening,
  { config, log, now }: Ground,
  recorder: Recorder,
  files: Files | undefined,
): Promise<Journal> {
  return opening.part(
    'journal',
    () =>
      openJournal({
        directory: join(config.dataDir, 'journal'),
        limits: { spoolBytes: config.recording.spoolBytes, segmentBytes: JOURNAL_SEGMENT_BYTES },
        recorder,
        quarantine: (event, reason) => recorder.keepAside(event, reason),
        onDelayed: (error) => log.warn({ err: error }, 'Events wait in the journal'),
        onNotice: (message, details) => log.warn(details, message),
        now,
        ...(files === undefined ? {} : { files }),
      }),
    (part) => part.drain(),
  );
}
