/** `GET /api/admin/prices`: one's own prices, and the cards in the book whose model contains the search text. */
import { listPricesQuery } from '@farthing/contract';
import { canonicalProvider, type RateCard } from '@farthing/pricing';
import { parseParameters } from '../../http/parse.ts';
import { readPrices } from '../../price-book/store.ts';
import type { Endpoint } from '../endpoint.ts';

export const listPrices: Endpoint = {
  access: 'admin',
  async handle(context, request) {
    const { search, provider, limit } = parseParameters(listPricesQuery, request.query);
    const own = await context.db.asOperator((tx) => readPrices(tx, { removed: true }));
    const cards: RateCard[] = [];
    let found = 0;
    const wanted = search?.toLowerCase() ?? '';
    const seller = provider === undefined ? null : canonicalProvider(provider);
    for (const card of context.books.forList().cards()) {
      if (seller !== null && card.provider !== seller) continue;
      if (!`${card.provider}/${card.model}`.toLowerCase().includes(wanted)) continue;
      found += 1;
      if (cards.length < limit) cards.push(card);
    }
    return { ...context.books.status(), own, cards, found };
  },
};
