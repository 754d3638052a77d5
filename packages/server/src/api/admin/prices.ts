/** `GET /api/admin/prices`: one's own prices, and the cards in the book whose model contains the search text. */
import { listPricesQuery } from '@farthing/contract';
import { canonicalProvider, type RateCard } from '@farthing/pricing';
import { z } from 'zod';
import { readPrices } from '../../price-book/store.ts';
import { endpoint } from '../endpoint.ts';
import { count } from '../schemas.ts';
import { bookStatusFields, ownPrices, rateCard } from './price-schemas.ts';

export const listPrices = endpoint({
  access: 'instance:manage',
  summary: "One's own prices, and the cards in force whose model contains a text.",
  tags: ['prices'],
  etag: true,
  query: listPricesQuery,
  answer: z.object({
    ...bookStatusFields,
    own: ownPrices.meta({ description: 'With those taken back, newest first.' }),
    cards: z.array(rateCard),
    found: count.meta({ description: 'Cards found; `limit` of them are answered.' }),
  }),
  examples: [
    { name: 'cards of a family', query: { search: 'gpt-5', limit: '5' } },
    { name: 'of one provider', query: { provider: 'anthropic', limit: '5' } },
  ],
  async handle({ context, query: { search, provider, limit } }) {
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
});
