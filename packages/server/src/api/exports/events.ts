/** `GET /api/exports/events`: events as CSV or NDJSON. */
import { z } from 'zod';
import { EXPORTED_EVENT_COLUMNS } from '../../exports/event-columns.ts';
import { exportEvents } from '../../exports/export-events.ts';
import { fileName, MAX_EXPORT_DAYS } from '../../exports/export-range.ts';
import { MEDIA_TYPES, printTable } from '../../exports/table.ts';
import { readableTenant } from '../../http/callers/access.ts';
import { eventFilterInput } from '../../ledger/event-filter.ts';
import { endpoint } from '../endpoint.ts';
import { rangeParameters } from '../query-parameters.ts';
import { CUT, formParameters, STREAMED, tableAnswer, tableFormOf, tellCut } from './form.ts';

const { tags: tagFilter, ...columnFilters } = eventFilterInput.shape;

export const exportEventFile = endpoint({
  access: 'usage:read',
  summary: 'Events as a file, CSV or NDJSON, newest first.',
  description: `This month where no range is given, at most ${MAX_EXPORT_DAYS} days. Filters as in \`/api/usage/events\`. Every amount with all its digits; an unpriced event has an empty \`cost_usd\`, never zero. ${CUT} ${STREAMED}`,
  tags: ['exports'],
  duration: 'long',
  query: z.strictObject({
    ...formParameters,
    ...rangeParameters,
    ...columnFilters,
    unpriced: z
      .enum(['true', 'false'])
      .transform((text) => text === 'true')
      .optional()
      .meta({ description: '`true`: only events without a price; `false`: only priced ones.' }),
  }),
  queryTags: tagFilter.unwrap(),
  answer: tableAnswer,
  errors: ['unknown_tenant', 'past_retention', 'overloaded'],
  examples: [
    { name: 'this month' },
    {
      name: 'one team, a week, one JSON object a line',
      query: { format: 'ndjson', from: '2026-11-16', to: '2026-11-22' },
      queryTags: { team: 'search' },
    },
  ],
  async handle({ context, identity, query, queryTags: tags, reply }) {
    const { format, text, tenant: asked, from, to, timezone, ...filter } = query;
    const { db, exports } = context;
    const tenant = readableTenant(identity, asked);
    const {
      range,
      timezone: zone,
      pages,
    } = await exportEvents(
      { db, read: exports.read, now: context.now() },
      { tenant, from, to, timezone, filter: { ...filter, tags } },
    );
    const content = await exports.open(
      printTable(EXPORTED_EVENT_COLUMNS, pages, tableFormOf({ format, text })),
    );
    tellCut(reply, range);
    return {
      type: MEDIA_TYPES[format],
      fileName: fileName('events', { tenant, timezone: zone, ...range }, format),
      content,
    };
  },
});
