/** `GET /api/exports/focus`: charges by day as FOCUS 1.2 Cost and Usage. */
import { z } from 'zod';
import { LINE_SPLITS } from '../../costs/charge-lines.ts';
import { fileName } from '../../exports/export-range.ts';
import { FOCUS_COLUMNS } from '../../exports/focus/columns.ts';
import { exportFocus } from '../../exports/focus/export-focus.ts';
import { FOCUS_METADATA } from '../../exports/focus/metadata.ts';
import { MEDIA_TYPES, printTable } from '../../exports/table.ts';
import { readableTenant } from '../../http/callers/access.ts';
import { tenantInput } from '../../parameters/tenant.ts';
import { pointInTimeInput } from '../../parameters/time-range.ts';
import { stream } from '../answer-kinds.ts';
import { endpoint } from '../endpoint.ts';
import { CUT, STREAMED, tellCut, textParameter } from './form.ts';

const dayInput = z
  .string()
  .regex(/^\d{4}-\d{2}-\d{2}$/, 'is not a day such as 2026-11-22')
  .pipe(pointInTimeInput);

export const exportFocusFile = endpoint({
  access: 'usage:read',
  summary: 'Charges by day as a FOCUS 1.2 Cost and Usage file.',
  description: `A row for each tenant, UTC day, meter, unit price and whom it is attributed to. This month where no days are given. The sum of \`BilledCost\` is what the ledger charged on these days. Calls whose price is not known have no rows: the header \`x-farthing-unpriced-requests\` says how many they are. The header \`x-farthing-focus-schema\` names its schema, which \`/api/exports/focus/metadata\` has. ${CUT} ${STREAMED}`,
  tags: ['exports'],
  duration: 'long',
  query: z.strictObject({
    tenant: tenantInput
      .optional()
      .meta({ description: 'For an administrator: one tenant instead of all. Others may name their own.' }),
    from: dayInput.optional().meta({ description: 'The first day, UTC.' }),
    to: dayInput.optional().meta({ description: 'The last day, UTC.' }),
    split: z
      .string()
      .max(100)
      .transform((text) => text.split(','))
      .pipe(
        z
          .array(z.enum(LINE_SPLITS))
          .refine((names) => new Set(names).size === names.length, 'names one twice'),
      )
      .default([])
      .meta({ description: `Rows of their own for ${LINE_SPLITS.join(', ')}; several with commas between.` }),
    text: textParameter,
  }),
  answer: stream(MEDIA_TYPES.csv),
  errors: ['unknown_tenant', 'past_retention', 'overloaded'],
  examples: [
    { name: 'this month' },
    {
      name: 'a day by user and workflow',
      query: { from: '2026-11-21', to: '2026-11-21', split: 'user,workflow' },
    },
  ],
  async handle({ context, identity, query, reply }) {
    const { from, to, split, text } = query;
    const { db, books, exports } = context;
    const tenant = readableTenant(identity, query.tenant);
    const { range, timezone, pages, unpricedRequests } = await exportFocus(
      { db, books, read: exports.read, now: context.now() },
      { tenant, from, to, split },
    );
    const content = await exports.open(printTable(FOCUS_COLUMNS, pages, { format: 'csv', text }));
    tellCut(reply, range);
    reply.header('x-farthing-unpriced-requests', String(unpricedRequests));
    // A FOCUS file has to name its schema without being read.
    reply.header('x-farthing-focus-schema', FOCUS_METADATA.Schema.SchemaId);
    reply.header('link', '<focus/metadata>; rel="describedby"; type="application/json"');
    return {
      type: MEDIA_TYPES.csv,
      fileName: fileName('focus', { tenant, timezone, ...range }, 'csv'),
      content,
    };
  },
});
