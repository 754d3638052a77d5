/** `/api/admin/prices`: own prices, and the book in force. */
import {
  AppError,
  addPriceInput,
  changedPriceAnswer,
  JUMP_PERCENT,
  listPricesQuery,
  priceKind,
  pricesAnswer,
} from '@farthing/contract';
import { canonicalProvider, type RateCard } from '@farthing/pricing';
import { z } from 'zod';
import { readPrices, removePrice } from '../../price-book/store.ts';
import { actorOf } from '../../tenants/identity.ts';
import { endpoint } from '../endpoint.ts';
import { storePrice } from './prices/new-price.ts';

/** `GET`: own prices, and the cards of the book whose model contains the search text. */
export const listPrices = endpoint({
  access: 'instance:manage',
  summary: "One's own prices, and the cards in force whose model contains a text.",
  tags: ['prices'],
  etag: true,
  query: listPricesQuery,
  answer: pricesAnswer,
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

/** `POST`: adds a card, an alias, or what one tenant is charged instead. */
export const addPrice = endpoint({
  access: 'instance:manage',
  summary: 'Adds a card, an alias, or what one tenant is charged instead.',
  description: `A price that differs by more than ${JUMP_PERCENT} % from the one in force, becomes 0 or vanishes needs a confirmation: the refusal names it, and \`"confirm": true\` (or the kinds) gives it. A card may apply to some hours of the day (\`timeOfDay\`, UTC), within its dates.`,
  tags: ['prices'],
  body: addPriceInput,
  status: 201,
  answer: changedPriceAnswer,
  errors: ['not_found', 'conflict'],
  examples: [
    {
      name: 'a card of a model of your own',
      body: {
        kind: 'card',
        provider: 'openai',
        model: 'house-model-1',
        rates: { input_uncached: '1.25', output_text: '10' },
        from: '2026-11-01T00:00:00Z',
      },
    },
    { name: 'an alias', body: { kind: 'alias', provider: 'openai', alias: 'house', model: 'house-model-1' } },
    {
      name: 'a discount of one tenant',
      body: { kind: 'override', tenant: 'acme', provider: 'openai', percent: '-15', note: 'frame contract' },
    },
  ],
  async handle({ context, identity, body: input }) {
    if (
      input.from !== undefined &&
      input.to !== undefined &&
      Date.parse(input.from) >= Date.parse(input.to)
    ) {
      throw new AppError('invalid_body', '"from" must lie before "to".');
    }
    const id = await storePrice(context, input, actorOf(identity));
    await context.books.reload();
    return { kind: input.kind, id, ...context.books.status() };
  },
});

/** `DELETE /:kind/:id`: withdraws an own price. Its row stays and records who did it and when. */
const path = z.strictObject({
  kind: priceKind,
  id: z.string().regex(/^\d{1,18}$/, 'must be the number of a price'),
});

export const takePriceBack = endpoint({
  access: 'instance:manage',
  summary: "Takes one of one's own prices back.",
  description: 'Its row stays, with who took it back and when.',
  tags: ['prices'],
  params: path,
  answer: changedPriceAnswer,
  errors: ['not_found'],
  examples: [{ name: 'a card', params: { kind: 'card', id: '1' } }],
  async handle({ context, identity, params: { kind, id } }) {
    const actor = actorOf(identity);
    const removed = await context.db.asOperator((tx) => removePrice(tx, kind, id, actor));
    if (!removed) throw new AppError('not_found', `There is no ${kind} with this id, or it was taken back.`);
    await context.books.reload();
    return { kind, id, ...context.books.status() };
  },
});
