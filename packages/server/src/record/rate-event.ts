/** Rating: the step before the transaction, pure. */
import { mergeSegments, rate, tokenTotals } from '@farthing/pricing';
import type { RatedEvent } from '../ledger/rated-event.ts';
import type { UsageEvent } from '../ledger/usage-event.ts';
import type { PriceBooks } from '../price-book/installed-book.ts';

/**
 * Prices an event with the book in force for its tenant. What charges differently from the list price (a tenant's
 * overrides, a deployment that records without charging) belongs here and nowhere else.
 */
export function rateEvent(event: UsageEvent, books: PriceBooks): RatedEvent {
  const charge = rate(books.forTenant(event.tenant), {
    provider: event.provider,
    model: event.model,
    operation: event.operation,
    at: event.time,
    tier: event.tier,
    speed: event.speed,
    region: event.region,
    segments: event.segments,
    billed: event.status !== 'error',
  });
  return { event, charge, tokens: tokenTotals(mergeSegments(event.segments)) };
}
