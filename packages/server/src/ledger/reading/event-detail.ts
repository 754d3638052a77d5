/** The details of one event; the same fields over REST and tRPC. */
import type { EventSummary } from './read-events.ts';

/** A priced (or unpriced) quantity. Money and rates are decimal strings. */
export interface ChargeLineDetail {
  readonly meter: string;
  /** Words for the meter: "input, cache read". */
  readonly label: string;
  readonly quantity: number;
  readonly unit: string;
  readonly segment: number;
  readonly rate: string | null;
  readonly per: number | null;
  /** Null = unpriced; `reason` says why. */
  readonly amount_usd: string | null;
  readonly card_id: string | null;
  /** The meter whose rate was used, where the card names none of this one. */
  readonly inherited_from: string | null;
  /** Threshold (context tokens, inclusive) whose price was used; null = the base price. */
  readonly threshold_from: number | null;
  /** The charged quantity, if a minimum raised it. */
  readonly billed_quantity: number | null;
  readonly reason: string | null;
}

/** Source of a price. */
export interface ProvenanceDetail {
  readonly table: string;
  readonly version: string;
  readonly date: string;
  readonly url: string | null;
  /** Day on which that page was read; null = it was not. */
  readonly checked: string | null;
}

/** A rate card that priced at least one line. */
export interface PriceCardDetail {
  readonly id: string;
  readonly provider: string;
  readonly model: string;
  /** Effective interval, RFC 3339; null = open. */
  readonly from: string | null;
  readonly to: string | null;
  readonly tier: string;
  readonly speed: string;
  readonly region: string | null;
  readonly time_of_day: { readonly start: string; readonly end: string } | null;
  readonly rates: readonly {
    readonly meter: string;
    readonly label: string;
    readonly usd: string;
    readonly per: number;
    readonly steps: readonly { readonly from: number; readonly usd: string }[];
    /** That of the card, or of the rate itself where it was read elsewhere. */
    readonly provenance: ProvenanceDetail;
  }[];
  readonly provenance: ProvenanceDetail;
}

export interface SegmentDetail {
  readonly model: string | null;
  readonly context_tokens: number;
  readonly quantities: readonly {
    readonly meter: string;
    readonly label: string;
    readonly quantity: number;
  }[];
}

/** Money leaves the ledger only with its explanation; this is that explanation. */
export interface PricingExplanation {
  /** How the counts were read, in words. */
  readonly convention: string | null;
  /** The provider's usage object, as it came. */
  readonly raw_usage: unknown;
  readonly segments: readonly SegmentDetail[];
  readonly service_tier: string;
  readonly speed: string | null;
  readonly region: string | null;
  readonly price_version: string;
  readonly cards: readonly PriceCardDetail[];
  readonly lines: readonly ChargeLineDetail[];
  /** Meters without a price. */
  readonly unpriced: readonly string[];
  readonly input_cost_usd: string;
  readonly output_cost_usd: string;
  readonly other_cost_usd: string;
  readonly priced_subtotal_usd: string;
  /** The charged amount; null = unpriced. */
  readonly cost_usd: string | null;
  /** The same at list price: it differs where calls are recorded without being charged. */
  readonly list_cost_usd: string | null;
  readonly reported_cost_usd: string | null;
}

/** One entry of the append-only history of an event's cost. */
export interface AdjustmentDetail {
  readonly at: string;
  readonly reason: string;
  readonly actor: string;
  readonly old_cost_usd: string | null;
  readonly new_cost_usd: string | null;
}

export interface EventDetail extends EventSummary {
  readonly api_key_id: string | null;
  readonly trace_id: string | null;
  readonly span_id: string | null;
  readonly response_id: string | null;
  readonly anomalies: readonly { readonly code: string; readonly message: string }[];
  readonly metadata: unknown;
  readonly pricing: PricingExplanation;
  readonly adjustments: readonly AdjustmentDetail[];
}
