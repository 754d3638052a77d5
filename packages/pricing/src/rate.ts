/**
 * Rating: quantities × the rates of the card that was in force = a charge with one line per meter.
 */
import type { Meter } from './meters.ts';
import type { NoCardReason, PriceBook, Speed } from './price-book.ts';
import type { Operation, ServiceTier, UsageSegment } from './usage.ts';

/** What is to be priced. Everything a price may depend on, nothing else. */
export interface RatingRequest {
  readonly provider: string;
  /** Model the event is priced as (the served one where known). */
  readonly model: string;
  readonly operation: Operation;
  /** When the call was made, Unix milliseconds: selects the card in force. */
  readonly at: number;
  readonly tier: ServiceTier;
  readonly speed: Speed | null;
  readonly region: string | null;
  readonly segments: readonly UsageSegment[];
  /**
   * False for a call that the provider cannot have billed (refused or failed before the model ran). Without
   * usage it then costs 0 instead of being unpriced. Where usage was reported it is priced all the same.
   */
  readonly billed?: boolean;
}

/** Why a quantity could not be priced. */
export type UnpricedReason = NoCardReason | 'no_rate' | 'no_usage';

/** One meter of one segment, priced or named as unpriced. */
export interface ChargeLine {
  readonly meter: Meter;
  /** As reported. */
  readonly quantity: number;
  /** Position of the segment in the request. */
  readonly segment: number;
  /** Decimal USD per {@link per} units, as the card prints it; null = unpriced. */
  readonly rate: string | null;
  readonly per: number | null;
  /** Null = unpriced. Rounded once, here, half to even. */
  readonly amountPicos: bigint | null;
  /** Id of the rate card, content-addressed; null = no card matched. */
  readonly cardId: string | null;
  /** The meter whose rate was used, where the card has none of this one. */
  readonly inheritedFrom?: Meter;
  /** The threshold that chose the rate (tokens, inclusive); absent = base price. */
  readonly step?: number;
  /** The quantity that was charged, where a minimum raised it. */
  readonly billedQuantity?: number;
  readonly reason?: UnpricedReason;
}

/** The price of one event. Σ amounts of the lines = `pricedSubtotalPicos`, exactly. */
export interface Charge {
  readonly lines: readonly ChargeLine[];
  /** Null when any billable quantity has no price: unknown is never zero. */
  readonly totalPicos: bigint | null;
  readonly pricedSubtotalPicos: bigint;
  /** The subtotal by direction; the three sum to `pricedSubtotalPicos`. */
  readonly inputPicos: bigint;
  readonly outputPicos: bigint;
  readonly otherPicos: bigint;
  /** Why the total is null (the first cause met); null where it is priced. */
  readonly unpricedReason: UnpricedReason | null;
  /** Version of the price book that was asked. */
  readonly bookVersion: string;
}

/** Prices a request with a book. Pure; never throws on unknown models or meters: they come back as unpriced. */
export declare function rate(book: PriceBook, request: RatingRequest): Charge;
