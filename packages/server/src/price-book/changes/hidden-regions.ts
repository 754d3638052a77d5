/** Prices of single regions that a card for any region would take the place of. */
import type { PriceBook, RateCard } from '@farthing/pricing';
import { expandRates } from '../make-books.ts';
import type { NewCard } from '../store.ts';
import { type PriceChange, rateChanges } from './rate-changes.ts';

/**
 * The changes that an own card without a region makes in regions that have cards in the layers below: it holds there
 * too. `given` are the cards added with it; those for a region take precedence over it.
 */
export type HiddenBy = (card: NewCard, at: number) => PriceChange[];

/** @example const hiddenBy = hiddenRegions(list, cards); hiddenBy(card, Date.now()) */
export function hiddenRegions(list: PriceBook, given: readonly NewCard[]): HiddenBy {
  const places = new Set(given.map((card) => place(card.provider, card.model, card)));
  let regional: Map<string, RateCard[]> | null = null;
  return (card, at) => {
    if (card.region !== null || card.time_of_day !== null) return [];
    regional ??= byModel(list);
    const { provider, model, tier, speed } = card;
    const query = { provider, model, tier, speed, at };
    const known = list.find({ ...query, region: null })?.model ?? model;
    const below = (regional.get(modelOf(provider, known)) ?? []).filter(
      (one) =>
        list.find({ ...query, region: one.region }) === one && !places.has(place(provider, model, one)),
    );
    return below.flatMap(({ region, rates }) =>
      rateChanges({ provider, model, tier, speed, region }, rates, expandRates(card.rates)).map((change) => ({
        ...change,
        message: change.message ?? 'the price for any region takes the place of this one',
      })),
    );
  };
}

function byModel(list: PriceBook): Map<string, RateCard[]> {
  const found = new Map<string, RateCard[]>();
  for (const card of list.cards()) {
    if (card.region === null) continue;
    const model = modelOf(card.provider, card.model);
    found.set(model, [...(found.get(model) ?? []), card]);
  }
  return found;
}

const modelOf = (provider: string, model: string) => `${provider}\0${model.toLowerCase()}`;
const place = (provider: string, model: string, card: Pick<RateCard, 'tier' | 'speed' | 'region'>) =>
  [modelOf(provider, model), card.tier, card.speed, card.region].join('\0');
