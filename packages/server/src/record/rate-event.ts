/** Rating: the step before the transaction, pure. */
import {
  type Charge,
  mergeSegments,
  type Quantities,
  type RatingRequest,
  rate,
  tokenTotals,
} from '@farthing/pricing';
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
  return { event, ...chargeFor(event, books, tier), tokens: tokenTotals(quantitiesOf(event)) };
}

/** The facts of an event that its price depends on. */
export type Chargeable = Pick<
  UsageEvent,
  | 'tenant'
  | 'provider'
  | 'model'
  | 'operation'
  | 'time'
  | 'tier'
  | 'speed'
  | 'region'
  | 'segments'
  | 'billed'
  | 'status'
  | 'reportedCost'
>;

/** What an event is charged, and what it costs at the list price. */
export function chargeFor(
  event: Chargeable,
  books: PriceBooks,
  tier: ChargingTier,
): Pick<RatedEvent, 'charge' | 'listPicos'> {
  const request: RatingRequest = {
    provider: event.provider,
    model: event.model,
    operation: event.operation,
    at: event.time,
    tier: event.tier,
    speed: event.speed,
    region: event.region,
    segments: event.segments,
    billed: event.billed ?? event.status !== 'error',
  };
  const listBook = books.forList();
  const list = rate(listBook, request);
  if (tier === 'development') return { charge: free(list), listPicos: list.totalPicos };
  const tenantBook = books.forTenant(event.tenant);
  const charge = tenantBook === listBook ? list : rate(tenantBook, request);
  return { charge, listPicos: list.totalPicos };
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
