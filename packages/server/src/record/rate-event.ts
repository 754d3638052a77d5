/** Rating: the step before the transaction, pure. */
import { type Charge, mergeSegments, type Quantities, rate, tokenTotals } from '@farthing/pricing';
import type { RatedEvent } from '../ledger/rated-event.ts';
import type { UsageEvent } from '../ledger/usage-event.ts';
import type { PriceBooks } from '../price-book/installed-book.ts';

/** What a deployment charges: the list price, or (`development`) nothing. */
export type ChargingTier = 'production' | 'development';

/**
 * Prices an event with the book in force for its tenant. What charges differently from the list price (a tenant's
 * overrides, a deployment that records without charging) belongs here and nowhere else.
 */
export function rateEvent(event: UsageEvent, books: PriceBooks, tier: ChargingTier): RatedEvent {
  const list = rate(books.forTenant(event.tenant), {
    provider: event.provider,
    model: event.model,
    operation: event.operation,
    at: event.time,
    tier: event.tier,
    speed: event.speed,
    region: event.region,
    segments: event.segments,
    billed: event.billed ?? event.status !== 'error',
  });
  return {
    event,
    charge: tier === 'development' ? free(list) : list,
    listPicos: list.totalPicos,
    tokens: tokenTotals(quantitiesOf(event)),
  };
}

/** Most events are one segment, which needs no merging. */
function quantitiesOf({ segments }: UsageEvent): Quantities {
  const [only] = segments;
  return segments.length === 1 && only !== undefined ? only.quantities : mergeSegments(segments);
}

/** The charge of a call that costs nothing: its lines keep the list rates, and every amount is 0, unpriced ones too. */
function free(list: Charge): Charge {
  return {
    ...list,
    lines: list.lines.map((line) => ({ ...line, amountPicos: 0n })),
    totalPicos: 0n,
    pricedSubtotalPicos: 0n,
    inputPicos: 0n,
    outputPicos: 0n,
    otherPicos: 0n,
    unpricedReason: null,
  };
}
