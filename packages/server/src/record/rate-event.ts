/** Rating: the step before the transaction, pure. */
import {
  type Charge,
  mergeSegments,
  PROVIDERS_STATING_CHARGES,
  type Quantities,
  type RatingRequest,
  rate,
  settle,
  tokenTotals,
} from '@farthing/pricing';
import { amountsOf } from '../ledger/measures.ts';
import type { RatedEvent } from '../ledger/rated-event.ts';
import type { UsageEvent } from '../ledger/usage-event.ts';
import type { PriceBooks } from '../price-book/installed-book.ts';

/** Charging mode of a deployment: the calls' prices, or (`development`) nothing. */
export type ChargingTier = 'production' | 'development';

/** How a deployment charges. */
export interface ChargingTerms {
  readonly tier: ChargingTier;
  /** Providers (canonical names) whose stated cost is charged, if they state one. */
  readonly reported: readonly string[];
}

/** As installed. */
export const USUAL_TERMS: ChargingTerms = { tier: 'production', reported: PROVIDERS_STATING_CHARGES };

/**
 * Prices an event with the book in force for its tenant. Any deviation from the list price (a tenant's overrides, a
 * deployment that records without charging) belongs here and nowhere else.
 */
export function rateEvent(event: UsageEvent, books: PriceBooks, terms: ChargingTerms): RatedEvent {
  const { charge, listPicos } = chargeFor(event, books, terms);
  return {
    event,
    charge,
    listPicos,
    amounts: amountsOf({ charge, listPicos }),
    tokens: tokenTotals(quantitiesOf(event)),
  };
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

/**
 * An event's charge, and its cost at list price. A tenant's negotiated price takes precedence over the cost the
 * provider states, and that over the list price.
 */
export function chargeFor(
  event: Chargeable,
  books: PriceBooks,
  terms: ChargingTerms,
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
  if (terms.tier === 'development') return { charge: free(list), listPicos: list.totalPicos };
  const tenantBook = books.forTenant(event.tenant);
  const own = tenantBook === listBook ? list : rate(tenantBook, request);
  const agreed =
    own.lines.length !== list.lines.length ||
    own.lines.some((line, index) => line.cardId !== list.lines[index]?.cardId);
  const charge = agreed ? own : settle(own, event.provider, event.reportedCost, terms.reported);
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
