/** `GET /api/usage/events`: newest first, by cursor. */
import { z } from 'zod';
import { withScope } from '../../costs/with-scope.ts';
import { eventListInput, listEvents } from '../../event-list/list-events.ts';
import { readableTenant } from '../../http/callers/access.ts';
import { eventFilterInput, MAX_EVENT_PAGE } from '../../ledger/event-filter.ts';
import { endpoint } from '../endpoint.ts';
import { integerParameter, rangeParameters } from '../query-parameters.ts';
import { nextCursor } from '../schemas.ts';
import { eventSummary } from './event-schemas.ts';

const { tags: tagFilter, ...columnFilters } = eventFilterInput.shape;

export const listUsageEvents = endpoint({
  access: 'usage:read',
  summary: 'Events, newest first, page by page.',
  description:
    'One value per filter; an empty one means "has none". Each event appears once while the pages are walked, also while newer ones arrive.',
  tags: ['events'],
  query: z.strictObject({
    ...rangeParameters,
    ...columnFilters,
    unpriced: z
      .enum(['true', 'false'])
      .transform((text) => text === 'true')
      .optional()
      .meta({ description: '`true`: only events without a price; `false`: only priced ones.' }),
    cursor: eventListInput.shape.cursor.meta({ description: '`next_cursor` of the page before.' }),
    limit: integerParameter(1, MAX_EVENT_PAGE).default(50).meta({ description: 'Events of one page.' }),
  }),
  queryTags: tagFilter.unwrap(),
  answer: z.object({ events: z.array(eventSummary), next_cursor: nextCursor }),
  errors: ['unknown_tenant'],
  examples: [
    { name: 'the newest' },
    { name: 'one page of a model', query: { model: 'gpt-5.2', limit: '2' } },
    { name: 'one team, unpriced', query: { unpriced: 'true' }, queryTags: { team: 'search' } },
  ],
  async handle({ context: { db }, identity, query, queryTags: tags }) {
    const { tenant: asked, from, to, timezone, cursor, limit, ...filter } = query;
    return withScope(db, readableTenant(identity, asked), (scope) =>
      listEvents(scope, { from, to, timezone, cursor, limit, filter: { ...filter, tags } }),
    );
  },
});
