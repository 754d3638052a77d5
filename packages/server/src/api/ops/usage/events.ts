/** `GET /api/ops/usage/events`: single calls, newest first, with amounts as numbers. */
import { numericEventPageAnswer } from '@farthing/contract';
import { parseDecimal, printDecimal } from '@farthing/pricing';
import { z } from 'zod';
import { withScope } from '../../../costs/with-scope.ts';
import { eventListInput, listEvents } from '../../../event-list/list-events.ts';
import { readableTenant } from '../../../http/callers/access.ts';
import { exactNumber } from '../../../http/money.ts';
import { eventFilterInput, MAX_EVENT_PAGE } from '../../../ledger/event-filter.ts';
import type { EventSummary } from '../../../ledger/reading/read-events.ts';
import { endpoint } from '../../endpoint.ts';
import { integerParameter, rangeParameters } from '../../query-parameters.ts';

const { tags: tagFilter, ...columnFilters } = eventFilterInput.shape;

export const listOpsEvents = endpoint({
  access: 'usage:read',
  summary: 'Single calls, newest first, page by page, with amounts as numbers.',
  description:
    'The same events, filters and pages as `GET /api/usage/events`; there amounts are decimal text. One event in full: `GET /api/usage/events/:id`.',
  tags: ['operations'],
  query: z.strictObject({
    ...rangeParameters,
    ...columnFilters,
    unpriced: z
      .enum(['true', 'false'])
      .transform((text) => text === 'true')
      .optional(),
    cursor: eventListInput.shape.cursor.meta({ description: '`next_cursor` of the page before.' }),
    limit: integerParameter(1, MAX_EVENT_PAGE).default(50).meta({ description: 'Events of one page.' }),
  }),
  queryTags: tagFilter.unwrap(),
  answer: numericEventPageAnswer,
  errors: ['unknown_tenant'],
  examples: [{ name: 'the newest' }, { name: 'two failed ones', query: { status: 'error', limit: '2' } }],
  async handle({ context: { db }, identity, query, queryTags: tags }) {
    const { tenant: asked, from, to, timezone, cursor, limit, ...filter } = query;
    const page = await withScope(db, readableTenant(identity, asked), (scope) =>
      listEvents(scope, { from, to, timezone, cursor, limit, filter: { ...filter, tags } }),
    );
    return { events: page.events.map(withNumbers), next_cursor: page.next_cursor };
  },
});

const withNumbers = (event: EventSummary) => ({
  ...event,
  total_tokens: event.input_tokens + event.output_tokens,
  cost_usd: exactNumber(event.cost_usd),
  priced_subtotal_usd: exactNumber(event.priced_subtotal_usd),
  reported_cost_usd: exactNumber(plain(event.reported_cost_usd)),
});

/** The provider's digits in the form that a JSON number has. */
const plain = (decimal: string | null) => (decimal === null ? null : printDecimal(parseDecimal(decimal)));
