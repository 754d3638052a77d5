/** A price book as data: the form of the compiled book and of layers of overrides. */

import { METERS, type Meter } from '../usage/meters.ts';
import type { MatchRule } from './match-model.ts';
import type { Provenance, Rate, RateCard, TimeOfDay } from './price-book.ts';

/**
 * A rate as data: text alone means "per the usual unit of the meter", see {@link usualPer}. `source` if the
 * rate was not read where the rest of the card was.
 */
export type RateData =
  | string
  | (Omit<Rate, 'per' | 'provenance'> & { readonly per?: number; readonly source?: number });

/** A card as data; what is absent has its default (open interval, standard tier and speed, any region). */
export interface CardData {
  readonly id: string;
  readonly from?: string;
  readonly to?: string;
  readonly timeOfDay?: TimeOfDay;
  readonly tier?: RateCard['tier'];
  readonly speed?: RateCard['speed'];
  readonly region?: string;
  readonly rates: { readonly [M in Meter]?: RateData };
  /** See {@link RateCard.unpriced}. */
  readonly unpriced?: readonly Meter[];
  /** Index into the book's sources. */
  readonly source?: number;
}

export interface ModelData {
  readonly id: string;
  /**
   * The cards are laid over those of the same model of this provider, which is one of the provider's
   * fallbacks; names are matched by its rules alone.
   */
  readonly extends?: string;
  readonly match: MatchRule;
  /** Best first: the first card that applies is in force. */
  readonly cards: readonly CardData[];
}

/** A name that stood for a model during an interval; wins over the models' own rules. */
export interface AliasData {
  readonly alias: string;
  readonly model: string;
  readonly from?: string;
  readonly to?: string;
}

export interface ProviderData {
  readonly id: string;
  /**
   * Providers whose models this one sells too. Only their standard prices for any region are taken over: another
   * seller's price of a batch, a faster answer or a region says nothing about this one.
   */
  readonly fallback?: readonly string[];
  /** Regions that share a price: region → class, the `region` of the cards of that price. */
  readonly regionClasses?: { readonly [region: string]: string };
  readonly aliases?: readonly AliasData[];
  readonly models: readonly ModelData[];
}

export interface BookData {
  readonly version: string;
  readonly sources: readonly Provenance[];
  readonly providers: readonly ProviderData[];
}

/** The quantity a price of this meter is usually stated for: a million tokens, a thousand of most else. */
export function usualPer(meter: Meter): number {
  const { unit } = METERS[meter];
  if (unit === 'tokens' || unit === 'characters') return 1_000_000;
  return unit === 'seconds' ? 3600 : 1000;
}

/**
 * The content of a card as canonical text; its SHA-256 is the card's id. Source and end are left out, so the same
 * prices read again, or ended by a successor, stay the same card.
 */
export function cardContent(card: Omit<RateCard, 'id' | 'provenance'>): string {
  const { provider, model, from, timeOfDay, tier, speed, region, unpriced } = card;
  const rates = Object.entries(card.rates)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([meter, rate]) => [
      meter,
      rate.usd,
      rate.per,
      (rate.steps ?? []).map((step) => [step.from, step.usd]),
      rate.mode ?? 'cliff',
      rate.minimum ?? 0,
      ...(rate.increment === undefined ? [] : [rate.increment]),
    ]);
  const window =
    timeOfDay === undefined
      ? null
      : [timeOfDay.start, timeOfDay.end, ...(timeOfDay.days === undefined ? [] : [timeOfDay.days])];
  const parts = [provider, model, from, window, tier, speed, region, rates];
  return JSON.stringify(unpriced === undefined ? parts : [...parts, [...unpriced].sort()]);
}

/** A card with its defaults filled in. Throws where it names a source that is not there. */
export function expandCard(
  data: CardData,
  provider: string,
  model: string,
  sources: readonly Provenance[],
): RateCard {
  const sourceOf = (index: number): Provenance => {
    const source = sources[index];
    if (source === undefined) throw new Error(`${provider}/${model}: card ${data.id} names no source`);
    return source;
  };
  const rates: { [M in Meter]?: Rate } = {};
  for (const [meter, rate] of Object.entries(data.rates) as [Meter, RateData][]) {
    const per = usualPer(meter);
    if (typeof rate === 'string') rates[meter] = { usd: rate, per };
    else {
      const { source, ...rest } = rate;
      rates[meter] = { per, ...rest, ...(source === undefined ? {} : { provenance: sourceOf(source) }) };
    }
  }
  return Object.freeze({
    id: data.id,
    provider,
    model,
    from: data.from ?? null,
    to: data.to ?? null,
    ...(data.timeOfDay === undefined ? {} : { timeOfDay: data.timeOfDay }),
    tier: data.tier ?? 'standard',
    speed: data.speed ?? 'standard',
    region: data.region ?? null,
    rates,
    ...(data.unpriced === undefined ? {} : { unpriced: data.unpriced }),
    provenance: sourceOf(data.source ?? 0),
  });
}
