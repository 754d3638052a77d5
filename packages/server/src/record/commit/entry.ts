/** From an event to an entry: everything that needs no database, done before a transaction is opened. */
import { SUMMED_DIMENSIONS, valuesOf } from '../../ledger/dimensions.ts';
import type { RecordOutcome, UsageEvent } from '../../ledger/usage-event.ts';
import { eventKey } from '../../ledger/writing/event-id-store.ts';
import { createEventRows } from '../../ledger/writing/event-row.ts';
import type { PriceBooks } from '../../price-book/installed-book.ts';
import { type ChargingTerms, rateEvent } from '../rate-event.ts';
import type { Entry } from './commit.ts';
import { excessOf, excessOfRated } from './event-bounds.ts';

export type PreparedEvent =
  | { readonly entry: Entry; readonly rejected: null }
  | { readonly entry: null; readonly rejected: RecordOutcome };

export type Prepare = (event: UsageEvent) => PreparedEvent;

/** Rates events and encodes their rows; an event that cannot be is rejected, its neighbours are not touched. */
export function createPrepare(books: PriceBooks, terms: ChargingTerms): Prepare {
  const encode = createEventRows();
  return (event) => {
    try {
      const flaw = unstorableName(event);
      if (flaw !== null)
        return { entry: null, rejected: rejected(event, `${flaw} holds a character that cannot be stored.`) };
      const excess = excessOf(event);
      if (excess !== null) return { entry: null, rejected: tooMuch(event, excess) };
      const rated = rateEvent(event, books, terms);
      const sums = excessOfRated(rated);
      if (sums !== null) return { entry: null, rejected: tooMuch(event, sums) };
      return { entry: { rated, key: eventKey(event), ...encode(rated) }, rejected: null };
    } catch (error) {
      return { entry: null, rejected: unstorable(event, error) };
    }
  };
}

/** The answer for an event that the ledger cannot hold. */
export function rejected(event: UsageEvent, message: string): RecordOutcome {
  return { status: 'rejected', id: event.id, code: 'invalid_event', message };
}

const tooMuch = (event: UsageEvent, excess: string): RecordOutcome =>
  rejected(event, `The event cannot be stored. ${excess}`);

/** The answer for an event that Postgres refuses for what it holds. */
export function unstorable(event: UsageEvent, error: unknown): RecordOutcome {
  return rejected(event, `The event cannot be stored: ${messageOf(error)}`);
}

/** The answer for an event that was tried alone, again and again, and that Postgres gave up on each time. */
export function givenUp(event: UsageEvent, error: unknown): RecordOutcome {
  return {
    status: 'rejected',
    id: event.id,
    code: 'unstorable_event',
    message: `The database gave up on this event every time, also alone in a transaction: ${messageOf(error)}`,
  };
}

const messageOf = (error: unknown): string =>
  (error instanceof Error ? error.message : String(error)).slice(0, 500);

/**
 * Names that are keys must come back from Postgres as they went in: half a surrogate pair would be stored as another
 * character and no longer equal itself.
 */
function unstorableName(event: UsageEvent): string | null {
  const { id, tenant, provider, model, attribution } = event;
  if (isUnstorable(id)) return 'id';
  if (isUnstorable(tenant)) return 'tenant';
  if (isUnstorable(provider)) return 'provider';
  if (isUnstorable(model)) return 'model';
  const at = valuesOf(event).findIndex(isUnstorable);
  if (at >= 0) return SUMMED_DIMENSIONS[at] ?? null;
  for (const key in attribution.tags) {
    if (isUnstorable(key) || isUnstorable(attribution.tags[key] ?? null)) return 'tags';
  }
  return null;
}

const isUnstorable = (value: string | null) =>
  value !== null && (!value.isWellFormed() || value.includes('\0'));
