/**
 * Makes a {@link PriceBook} from data: the compiled one, or a layer of overrides.
 */
import { type BookData, expandCard } from './book-data.ts';
import { type CardChoice, type DatedCard, datedCard, noCard, pickCard } from './card-choice.ts';
import { findModel, type ModelEntry, providerEntry } from './find-model.ts';
import type { CardLookup, PriceBook, PriceQuery, RateCard } from './price-book.ts';
import { canonicalProvider } from './providers.ts';

const UNKNOWN_PROVIDER = noCard('unknown_provider');
const UNKNOWN_MODEL = noCard('unknown_model');

/** Makes the book of some data. Models are compiled when first asked for, so that loading stays quick. */
export function createPriceBook(data: BookData): PriceBook {
  const providers = new Map(data.providers.map((provider) => [provider.id, providerEntry(provider)]));
  let byId: Map<string, RateCard> | null = null;

  function* cards(): Iterable<RateCard> {
    for (const provider of providers.values()) {
      for (const model of provider.models) for (const dated of choiceOf(model, data).cards) yield dated.card;
    }
  }
  const lookup = (query: PriceQuery): CardLookup => {
    const entry = providers.get(query.provider) ?? providers.get(canonicalProvider(query.provider));
    if (entry === undefined) return UNKNOWN_PROVIDER;
    const model = findModel(providers, entry, query);
    if (model === null) return UNKNOWN_MODEL;
    return pickCard(choiceOf(model, data), query, entry.regionClasses);
  };
  return {
    version: data.version,
    lookup,
    find: (query) => lookup(query).card,
    card: (id) => {
      byId ??= new Map([...cards()].map((card) => [card.id, card]));
      return byId.get(id) ?? null;
    },
    cards,
  };
}

function choiceOf(model: ModelEntry, data: BookData): CardChoice {
  model.choice ??= { cards: [...ownCards(model, data), ...sharedCards(model, data)], answers: [] };
  return model.choice;
}

function ownCards(model: ModelEntry, data: BookData): DatedCard[] {
  return model.data.cards.map((card) =>
    datedCard(expandCard(card, model.provider, model.data.id, data.sources)),
  );
}

/** Objects of the base's own, so that each card is compiled once. */
function sharedCards({ base }: ModelEntry, data: BookData): readonly DatedCard[] {
  if (base === null) return [];
  return choiceOf(base, data).cards.filter(
    ({ card }) => card.tier === 'standard' && card.speed === 'standard' && card.region === null,
  );
}
