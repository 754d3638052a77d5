/** Price book: the versioned set of rate cards. */
import type { Meter } from './meters.ts';
import type { ServiceTier } from './usage.ts';

/** One price. Decimal USD text per `per` units; thresholds re-price by context size. */
export interface Rate {
  readonly usd: string;
  /** Units the price is for: 1_000_000 tokens, 1_000 searches, 1 request. */
  readonly per: number;
  /** Steps above the base price, ascending by `from`. */
  readonly steps?: readonly RateStep[];
}

/** The price once the request's context reaches `from` tokens (inclusive: context ≥ from). */
export interface RateStep {
  readonly from: number;
  readonly usd: string;
}

/** The prices of one provider and model over one effective interval. */
export interface RateCard {
  /** Content-addressed: the same prices have the same id on every machine. */
  readonly id: string;
  readonly provider: string;
  readonly model: string;
  /** RFC 3339 instant or null for open ends: [from, to). */
  readonly from: string | null;
  readonly to: string | null;
  /** UTC window of the day in which the card applies, `HH:MM:SS`, may cross midnight. */
  readonly timeOfDay?: { readonly start: string; readonly end: string };
  readonly tier: ServiceTier;
  readonly speed: 'standard' | 'fast';
  /** Region class the card is limited to; null = any. */
  readonly region: string | null;
  readonly rates: { readonly [M in Meter]?: Rate };
  readonly provenance: {
    readonly table: string;
    readonly version: string;
    readonly date: string;
    readonly url?: string;
    readonly checked?: string;
  };
}

export interface PriceBook {
  /** Names the data it was compiled from, e.g. `genai-prices@0.1.8+farthing@1`. */
  readonly version: string;
  /** The card in force, or null. See match-model.ts for how names are matched. */
  find(query: {
    readonly provider: string;
    readonly model: string;
    readonly at: number;
    readonly tier: ServiceTier;
    readonly speed: 'standard' | 'fast' | null;
    readonly region: string | null;
  }): RateCard | null;
}
