/** `POST /api/admin/prices/import`: a table of prices; with `dry_run` only what it would change. */

import { importedPricesAnswer, importPricesInput } from '@farthing/contract';
import { importTable } from '../../../price-book/import/import-table.ts';
import { readOwnCards } from '../../../price-book/import/read-cards.ts';
import { readLiteLlm } from '../../../price-book/import/read-litellm.ts';
import { actorOf } from '../../../tenants/identity.ts';
import { endpoint } from '../../endpoint.ts';
import { guarded, shown } from './doubts.ts';

export const importPrices = endpoint({
  access: 'instance:manage',
  summary: 'Takes a table of prices over; with `dry_run` it only says what would change.',
  description:
    'Suspicious changes are not taken over without a confirmation: `"confirm": true`, or the kinds (`jump`, `zero`, `vanished`, `not_a_number`, `negative`, `unusable`). An import is a version and can be taken back.',
  tags: ['prices'],
  bodyLimitBytes: 16_777_216,
  body: importPricesInput,
  answer: importedPricesAnswer,
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
