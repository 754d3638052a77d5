/** `POST /api/admin/prices/import`: a table of prices; with `dry_run` only what it would change. */
import { importPricesInput } from '@farthing/contract';
import { z } from 'zod';
import { importTable } from '../../price-book/import/import-table.ts';
import { readOwnCards } from '../../price-book/import/read-cards.ts';
import { readLiteLlm } from '../../price-book/import/read-litellm.ts';
import { endpoint } from '../endpoint.ts';
import { count } from '../schemas.ts';
import { actorOf } from './bodies.ts';
import { priceChange } from './price-schemas.ts';
import { guarded, shown } from './unconfirmed.ts';

export const importPrices = endpoint({
  access: 'instance:manage',
  summary: 'Takes a table of prices over; with `dry_run` it only says what would change.',
  description:
    'Prices that look wrong are not taken over without a yes: `"confirm": true`, or the kinds (`jump`, `zero`, `vanished`, `not_a_number`, `negative`, `unusable`). An import is a version and can be taken back.',
  tags: ['prices'],
  bodyLimitBytes: 16_777_216,
  body: importPricesInput,
  answer: z.object({
    read: count,
    version: z.string().nullable().meta({ description: 'What the import is stored as; null = nothing was.' }),
    doubtful: count,
    added: count,
    removed: count,
    skipped: z
      .array(
        z.object({ field: z.string(), reason: z.string(), models: count, examples: z.array(z.string()) }),
      )
      .meta({ description: 'Columns of the table that were not read.' }),
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
  handle: ({ context, identity, body: input }) =>
    guarded(async () => {
      const table = input.table ?? input.format;
      const now = context.now();
      const date = new Date(now).toISOString().slice(0, 10);
      const { url } = input;
      const provenance = { table, version: `import ${date}`, date, ...(url === undefined ? {} : { url }) };
      const from = input.from === undefined ? null : new Date(input.from).toISOString();
      const read = input.format === 'litellm' ? readLiteLlm : readOwnCards;
      const given = read(input.data, { provenance, from });
      const request = { given, table, confirmed: input.confirm, dryRun: input.dry_run, now };
      const parts = { db: context.db, installed: context.books.installed };
      const { changes, ...done } = await importTable(parts, { ...request, actor: actorOf(identity) });
      if (done.version !== null) await context.books.reload();
      const doubtful = changes.filter((change) => change.problem !== null).length;
      return { ...done, doubtful, changes: shown(changes), skipped: [...given.skipped] };
    }),
});
