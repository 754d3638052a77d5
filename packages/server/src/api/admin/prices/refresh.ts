/** `POST /api/admin/prices/refresh`: the installed book from the price table that is installed now. */

import { refreshedPricesAnswer, refreshPricesInput } from '@farthing/contract';
import { refreshPrices } from '../../../price-book/refresh/refresh.ts';
import { actorOf } from '../../../tenants/identity.ts';
import { endpoint } from '../../endpoint.ts';
import { guarded, shown } from './doubts.ts';

export const refreshBook = endpoint({
  access: 'instance:manage',
  summary:
    'Takes over the prices of the currently installed npm package; with `dry_run` it only reports what would change.',
  description:
    'Compares the installed book and its refreshes with `@pydantic/genai-prices` as it is on the disk (updated with npm; nothing is downloaded here) under our own price files. Suspicious changes need a confirmation, see the import. A table that cannot be read, or has lost half of its models, is refused: the prices in force are kept.',
  tags: ['prices'],
  body: refreshPricesInput,
  answer: refreshedPricesAnswer,
  errors: ['conflict'],
  examples: [{ name: 'what would change', body: { dry_run: true } }],
  handle: ({ context, identity, body: input }) =>
    guarded(async () => {
      const { db, books, now, readPriceTable: readTable } = context;
      const since = sinceOf(input.from);
      const { changes, counts, book, version } = await refreshPrices(
        { db, installed: books.installed.data, readTable, now },
        { since, confirmed: input.confirm, dryRun: input.dry_run, actor: actorOf(identity) },
      );
      if (version !== null) await books.reload();
      const doubtful = changes.filter((change) => change.problem !== null).length;
      return { book, version_id: version, ...counts, doubtful, changes: shown(changes), ...books.status() };
    }),
});

function sinceOf(from: string): number | 'now' {
  if (from === 'always') return Number.NEGATIVE_INFINITY;
  return from === 'now' ? 'now' : Date.parse(from);
}
