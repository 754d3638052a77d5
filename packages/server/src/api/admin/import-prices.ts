/** `POST /api/admin/prices/import`: a table of prices; with `dry_run` only what it would change. */
import { importPricesInput } from '@farthing/contract';
import { z } from 'zod';
import { propose } from '../../price-book/price-changes.ts';
import { readLiteLlm, readOwnCards } from '../../price-book/read-cards.ts';
import { addCards, readPrices, removePrice } from '../../price-book/store.ts';
import { endpoint } from '../endpoint.ts';
import { count } from '../schemas.ts';
import { actorOf } from './bodies.ts';
import { priceChange } from './price-schemas.ts';
import { doubtfulFirst, refuseUnconfirmed } from './unconfirmed.ts';

export const importPrices = endpoint({
  access: 'instance:manage',
  summary: 'Takes a table of prices over; with `dry_run` it only says what would change.',
  description:
    'Prices that look wrong (a jump of more than 50 %, no number, a model that vanished from the table) are not taken over without `"confirm": true`.',
  tags: ['prices'],
  bodyLimitBytes: 16_777_216,
  body: importPricesInput,
  answer: z.object({
    read: count,
    doubtful: count,
    added: count,
    removed: count,
    changes: z.array(priceChange).meta({ description: 'The doubtful ones first, 500 at most.' }),
  }),
  errors: ['conflict'],
  examples: [
    {
      name: 'what a table would change',
      body: {
        format: 'litellm',
        table: 'litellm',
        data: { 'gpt-5.2': { litellm_provider: 'openai', mode: 'chat', input_cost_per_token: 1.75e-6 } },
        dry_run: true,
      },
    },
  ],
  async handle({ context, identity, body: input }) {
    const actor = actorOf(identity);
    const table = input.table ?? input.format;
    const date = new Date(context.now()).toISOString().slice(0, 10);
    const { url } = input;
    const provenance = { table, version: `import ${date}`, date, ...(url === undefined ? {} : { url }) };
    const from = input.from === undefined ? null : new Date(input.from).toISOString();
    const read = input.format === 'litellm' ? readLiteLlm : readOwnCards;
    const given = { ...read(input.data, { provenance, from }), table };
    const own = await context.db.asOperator((tx) => readPrices(tx));
    const { changes, cards, vanished } = propose(context.books.forList(), own.cards, given, context.now());
    const counts = {
      read: given.cards.length + given.unreadable.length,
      doubtful: changes.filter((change) => change.problem !== null).length,
    };
    if (input.dry_run) return { ...counts, added: 0, removed: 0, changes: doubtfulFirst(changes) };
    refuseUnconfirmed(changes, input.confirm);
    await context.db.asOperator(async (tx) => {
      await addCards(tx, cards, actor);
      for (const row of vanished) await removePrice(tx, 'card', row.id, actor);
    });
    await context.books.reload();
    return { ...counts, added: cards.length, removed: vanished.length, changes: doubtfulFirst(changes) };
  },
});
