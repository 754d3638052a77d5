/** Rows of the tables of one's own prices, and their reading. Dates are RFC 3339 text. */
import type { RateCard, RateData } from '@farthing/pricing';

/** What a row of each table has in common: who made it, when, and who took it back. */
export interface PriceRowHistory {
  readonly id: string;
  /** Of the calls, [valid_from, valid_to); null = open. */
  readonly valid_from: string | null;
  readonly valid_to: string | null;
  readonly created_at: string;
  readonly created_by: string;
  readonly removed_at: string | null;
  readonly removed_by: string | null;
}

export interface OwnCardRow extends PriceRowHistory {
  readonly provider: string;
  readonly model: string;
  readonly tier: RateCard['tier'];
  readonly speed: RateCard['speed'];
  readonly region: string | null;
  readonly rates: { readonly [meter: string]: RateData };
  readonly provenance: RateCard['provenance'];
}

export interface AliasRow extends PriceRowHistory {
  readonly provider: string;
  readonly alias: string;
  readonly model: string;
}

export interface OverrideRow extends PriceRowHistory {
  readonly tenant: string;
  readonly kind: 'percent' | 'rates' | 'fixed';
  readonly provider: string | null;
  readonly model: string | null;
  readonly tier: RateCard['tier'] | null;
  readonly percent: string | null;
  readonly rates: { readonly [meter: string]: RateData } | null;
  readonly note: string | null;
}

/** Everything in force or still to come: the rows that nobody took back, newest first. */
export interface PriceRows {
  readonly cards: readonly OwnCardRow[];
  readonly aliases: readonly AliasRow[];
  readonly overrides: readonly OverrideRow[];
}
