/** The price book in force for this server. Tenant overrides later answer by tenant behind the same method. */
import type { PriceBook } from '@farthing/pricing';

/** Answers which book prices a tenant's events. */
export interface PriceBooks {
  /** The book in force for `tenant`, now. Cheap: called once per event. */
  forTenant(tenant: string): PriceBook;
}

/**
 * One book for every tenant.
 *
 * @example const books = installedBook(book);
 */
export function installedBook(book: PriceBook): PriceBooks {
  return { forTenant: () => book };
}
