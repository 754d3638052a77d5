/** Lays price books over each other. */
import { noCard } from './card-choice.ts';
import type { CardLookup, NoCardReason, PriceBook, PriceQuery } from './price-book.ts';

const NOWHERE = noCard('unknown_provider');

/**
 * One book over others: the first that has a card in force decides (tenant overrides over the installed book).
 *
 * @example stackBooks('installed+acme@7', [overrides, installed])
 */
export function stackBooks(version: string, books: readonly PriceBook[]): PriceBook {
  const lookup = (query: PriceQuery): CardLookup => {
    let best: CardLookup = NOWHERE;
    for (const book of books) {
      const found = book.lookup(query);
      if (found.card !== null) return found;
      if (REASON_WEIGHT[found.reason] > REASON_WEIGHT[best.reason ?? 'unknown_provider']) best = found;
    }
    return best;
  };
  return {
    version,
    lookup,
    find: (query) => lookup(query).card,
    card: (id) => {
      for (const book of books) {
        const card = book.card(id);
        if (card !== null) return card;
      }
      return null;
    },
    *cards() {
      for (const book of books) yield* book.cards();
    },
  };
}

/** Of several reasons, the most specific one about a model is answered. */
const REASON_WEIGHT: { readonly [R in NoCardReason]: number } = {
  unknown_provider: 0,
  unknown_model: 1,
  no_card_at_time: 2,
  no_card_for_tier: 3,
};
