/** Imports an external table of prices as own cards, and keeps only those that differ from the prices in force. */
import type { Database } from '../../db/database.ts';
import { type Confirmed, confirmedKinds, UnconfirmedError, unconfirmed } from '../changes/confirmation.ts';
import { propose, type Unreadable } from '../changes/price-changes.ts';
import type { PriceChange } from '../changes/rate-changes.ts';
import { baseBook, type InstalledPrices, makeBooks } from '../make-books.ts';
import { refreshedData } from '../refresh/refreshed-data.ts';
import { addCards, readPrices, removePrice } from '../store.ts';
import { addVersion, oneAtATime, readRefreshes } from '../version-store.ts';
import type { ReadCards } from './read-cards.ts';

export interface ImportRequest {
  readonly given: ReadCards;
  /** Name of the table, so that a later import finds prices that have vanished from it. */
  readonly table: string;
  readonly confirmed: Confirmed;
  readonly dryRun: boolean;
  readonly actor: string;
  /** Unix milliseconds. */
  readonly now: number;
}

export interface Imported {
  /** Cards and mistakes read. */
  readonly read: number;
  /** The version the import is stored as; null where nothing was. */
  readonly version: string | null;
  readonly added: number;
  readonly removed: number;
  readonly changes: readonly PriceChange[];
}

/**
 * Compares and imports, one import at a time. Throws {@link UnconfirmedError} if a change needs a confirmation. With a
 * confirmation, entries that are not prices are left out.
 */
export async function importTable(
  { db, installed }: { readonly db: Database; readonly installed: InstalledPrices },
  request: ImportRequest,
): Promise<Imported> {
  const { given, table, confirmed, dryRun, actor, now } = request;
  return db.asOperator(async (tx) => {
    await oneAtATime(tx);
    const rows = await readPrices(tx);
    const data = refreshedData(installed.data, await readRefreshes(tx, rows.refreshes));
    const list = makeBooks(baseBook(installed, data), rows).forList();
    const { changes, cards, vanished, added } = propose(list, rows.cards, { ...given, table }, now);
    const read = given.cards.length + given.unreadable.length;
    if (dryRun) return { read, version: null, added: 0, removed: 0, changes };
    const needs = unconfirmed(changes, confirmed);
    if (Object.keys(needs).length > 0) throw new UnconfirmedError(changes, needs);
    if (cards.length + vanished.length === 0) return { read, version: null, added: 0, removed: 0, changes };
    const version = await addVersion(tx, {
      ...{ kind: 'import', source: table, book: null, actor, refreshed: null },
      ...{ added, changed: cards.length - added, vanished: vanished.length },
      unchanged: given.cards.length - cards.length,
      confirmed: confirmedKinds(changes, confirmed),
    });
    await addCards(tx, cards, actor, version);
    for (const row of vanished) await removePrice(tx, 'card', row.id, actor, version);
    return { read, version, added: cards.length, removed: vanished.length, changes };
  });
}

export type { Unreadable };
