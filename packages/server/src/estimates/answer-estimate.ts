/** An estimate as it is asked for: by the prices of a tenant, or by the public ones. */
import type { PriceBooks } from '../price-book/installed-book.ts';
import { type CostEstimate, estimateCost } from './estimate-cost.ts';
import { type EstimateInput, estimatedCalls } from './estimate-input.ts';

/** `tenant` null: the public prices. Overrides of a tenant count; a deployment that charges nothing does not. */
export function answerEstimate(
  books: PriceBooks,
  asked: { readonly input: EstimateInput; readonly tenant: string | null; readonly now: number },
): CostEstimate & { readonly at: string } {
  const { input, tenant, now } = asked;
  const at = input.at === undefined ? now : Date.parse(input.at);
  const book = tenant === null ? books.forList() : books.forTenant(tenant);
  const estimate = estimateCost(book, {
    calls: estimatedCalls(input),
    volumes: input.calls,
    tier: input.tier,
    region: input.region ?? null,
    operation: input.operation,
    at,
  });
  return { ...estimate, at: new Date(at).toISOString() };
}
