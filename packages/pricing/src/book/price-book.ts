/**
 * Price book: the versioned set of rate cards. Types only; `book.ts` makes one from data, `rating/` asks it.
 */
import type { Meter } from '../usage/meters.ts';
import type { ServiceTier } from '../usage/usage.ts';

/** How fast the provider was asked to answer where that changes the price (Anthropic `fast`). */
export type Speed = 'standard' | 'fast';

/** One price: decimal USD text per `per` units of the meter. */
export interface Rate {
  readonly usd: string;
  /** Units the price is for: 1_000_000 tokens, 1_000 searches, 3_600 seconds, 1 request. */
  readonly per: number;
  /** Prices above the base one, ascending by `from`. What `from` is compared with depends on `mode`. */
  readonly steps?: readonly RateStep[];
  /**
   * `cliff` (default): the segment's context tokens choose one price for the whole quantity.
   * `marginal`: the quantity itself is cut at the steps, and each part pays its own price.
   */
  readonly mode?: 'cliff' | 'marginal';
  /** Smallest quantity billed when there is any (10 seconds of audio). */
  readonly minimum?: number;
  /** Whole units in which it is billed: 12.3 seconds at an increment of 15 are billed as 15. */
  readonly increment?: number;
  /** Where this rate was read, if not where its card was. */
  readonly provenance?: Provenance;
}

/** The price from `from` on, inclusive: it applies where the count is ≥ `from`. "More than 200,000" is 200_001. */
export interface RateStep {
  readonly from: number;
  readonly usd: string;
}

/** UTC window of the day, `HH:MM:SS`, start inclusive, end exclusive; crosses midnight where end < start. */
export interface TimeOfDay {
  readonly start: string;
  readonly end: string;
  /** UTC days of the week on which it counts, Monday = 1 … Sunday = 7; absent = every day. */
  readonly days?: readonly number[];
}

/** Where a price was read. `checked` only if a page of the provider was really read on that day. */
export interface Provenance {
  /** Table or document: `genai-prices`, `litellm`, `portkey`, `farthing`, `override`. */
  readonly table: string;
  readonly version: string;
  /** Date of that version, `YYYY-MM-DD`. */
  readonly date: string;
  readonly url?: string;
  readonly checked?: string;
}

/** The prices of one provider and model over one effective interval. */
export interface RateCard {
  /** Content-addressed, see `cardContent` in book-data.ts: the same prices have the same id on every machine. */
  readonly id: string;
  readonly provider: string;
  readonly model: string;
  /** RFC 3339 instant or null for open ends: [from, to). */
  readonly from: string | null;
  readonly to: string | null;
  /** Combines with the dates: the card applies inside the interval **and** inside the window. */
  readonly timeOfDay?: TimeOfDay;
  readonly tier: ServiceTier;
  readonly speed: Speed;
  /** Region class the card is limited to; null = any. */
  readonly region: string | null;
  readonly rates: { readonly [M in Meter]?: Rate };
  /** Meters whose price is not known here and which must not take that of a coarser meter. */
  readonly unpriced?: readonly Meter[];
  readonly provenance: Provenance;
}

/** What decides which card is in force. */
export interface PriceQuery {
  /** Any spelling `canonicalProvider` knows. */
  readonly provider: string;
  readonly model: string;
  /** Unix milliseconds. */
  readonly at: number;
  /** The served tier; a tier without a card of its own is unpriced, it never falls back to standard. */
  readonly tier: ServiceTier;
  /** Null = standard. `fast` without a card of its own is unpriced. */
  readonly speed: Speed | null;
  /** A card of this region, or of the class it belongs to, wins over one for any region. */
  readonly region: string | null;
}

/** Why no card was found. */
export type NoCardReason = 'unknown_provider' | 'unknown_model' | 'no_card_for_tier' | 'no_card_at_time';

export type CardLookup =
  | { readonly card: RateCard; readonly reason: null }
  | { readonly card: null; readonly reason: NoCardReason };

export interface PriceBook {
  /** Names the data it was compiled from, e.g. `genai-prices@0.1.8+farthing@2026-11-20+3f2a91c4`; other prices, another name. */
  readonly version: string;
  /** The card in force, or why there is none. See match-model.ts for how names are matched. */
  lookup(query: PriceQuery): CardLookup;
  /** {@link lookup} without the reason. */
  find(query: PriceQuery): RateCard | null;
  /** The card of an id that a charge line names, or null where this book does not hold it. */
  card(id: string): RateCard | null;
  /** Every card, in the order of the data; for price lists and exports. */
  cards(): Iterable<RateCard>;
}
