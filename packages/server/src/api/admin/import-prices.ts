/** `POST /api/admin/prices/import`: a table of prices; with `dry_run` only what it would change. */
import { importPricesInput } from '@farthing/contract';
import { identityOf } from '../../http/access.ts';
import { parseBody } from '../../http/parse.ts';
import { propose } from '../../price-book/price-changes.ts';
import { readLiteLlm, readOwnCards } from '../../price-book/read-cards.ts';
import { addCards, readPrices, removePrice } from '../../price-book/store.ts';
import type { Endpoint } from '../endpoint.ts';
import { actorOf } from './bodies.ts';
import { doubtfulFirst, refuseUnconfirmed } from './unconfirmed.ts';

export const importPrices: Endpoint = {
  access: 'admin',
  bodyLimitBytes: 16_777_216,
  async handle(context, request) {
    const input = parseBody(importPricesInput, request.body);
    const actor = actorOf(identityOf(request));
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
};
