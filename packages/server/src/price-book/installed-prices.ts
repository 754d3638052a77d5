/** What lies under the prices of the database: the book of this release, and what the environment lays over it. */
import type { BookData, PriceBook } from '@farthing/pricing';

export interface InstalledPrices {
  /** The compiled book; a refresh replaces models of it. */
  readonly data: BookData;
  /** `COST_PRICING_OVERRIDES`; null = none. */
  readonly over: PriceBook | null;
}
