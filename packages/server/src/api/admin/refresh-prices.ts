/** `POST /api/admin/prices/refresh`: the installed book from the price table that is installed now. */
import { refreshPricesInput } from '@farthing/contract';
import { z } from 'zod';
import { refreshPrices as refresh } from '../../price-book/refresh/refresh.ts';
import { endpoint } from '../endpoint.ts';
import { count } from '../schemas.ts';
import { actorOf } from './bodies.ts';
import { bookStatusFields, priceChange } from './price-schemas.ts';
import { guarded, shown } from './unconfirmed.ts';

export const refreshPrices = endpoint({
  access: 'instance:manage',
  summary:
    'Takes over what the installed npm package of prices says now; with `dry_run` it only says what would change.',
  description:
    'Compares the installed book and its refreshes with `@pydantic/genai-prices` as it lies on the disk (updated with npm; nothing is downloaded here) under our own price files. Prices that look wrong need a yes, see the import. A table that cannot be read, or has lost half of its models, is refused: the prices in force are kept.',
  tags: ['prices'],
  body: refreshPricesInput,
  answer: z.object({
    book: z.string().meta({ description: 'The book that the table compiles to.' }),
    version_id: z.string().nullable().meta({ description: 'What it is stored as; null = nothing was.' }),
    added: count.meta({ description: 'Models.' }),
    changed: count,
    vanished: count,
    unchanged: count,
    doubtful: count,
    changes: z.array(priceChange).meta({ description: 'The doubtful ones first, 500 at most.' }),
    ...bookStatusFields,
  }),
  errors: ['conflict'],
  examples: [{ name: 'what would change', body: { dry_run: true } }],
  handle: ({ context, identity, body: input }) =>
    guarded(async () => {
      const { db, books, now, readPriceTable: readTable } = context;
      const since = sinceOf(input.from);
      const { changes, counts, book, version } = await refresh(
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
