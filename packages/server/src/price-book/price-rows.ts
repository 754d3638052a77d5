/** Rows of the tables of own prices, and how they are read. Dates are RFC 3339 text. */
import type { Meter, RateCard, RateData, TimeOfDay } from '@farthing/pricing';

/** Columns common to the rows of these tables: who created it, when, and who withdrew it. */
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
  /** The hours (UTC) it holds in, beside its dates; null = all day. */
  readonly time_of_day: TimeOfDay | null;
  readonly rates: { readonly [meter: string]: RateData };
  /** Meters without a price here that must not take that of a coarser one; null = none. */
  readonly unpriced: readonly Meter[] | null;
  /** The import it came with; null = added individually. */
  readonly version_id: string | null;
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

/** Everything in force now or in the future: the rows not withdrawn, newest first. */
export interface PriceRows {
  /** Refreshes in force, oldest first. The changes of each are read by its id. */
  readonly refreshes: readonly string[];
  readonly cards: readonly OwnCardRow[];
  readonly aliases: readonly AliasRow[];
  readonly overrides: readonly OverrideRow[];
}
