/** The price book in force, by tenant. */
import type { PriceBook } from '@farthing/pricing';

/** Answers which book prices a tenant's events. */
export interface PriceBooks {
  /** The book `tenant` is charged by now. Cheap: called once per event. */
  forTenant(tenant: string): PriceBook;
  /** The book without any tenant's overrides: the list price. The same object where a tenant has none. */
  forList(): PriceBook;
}

/**
 * One book for every tenant.
 *
 * @example const books = installedBook(book);
 */
export function installedBook(book: PriceBook): PriceBooks {
  return { forTenant: () => book, forList: () => book };
}
