/** `/api/usage/events`: events in, and what is kept of them. */
import {
  AppError,
  eventDetailAnswer,
  eventPageAnswer,
  ingestAnswer,
  MAX_BATCH_ITEMS,
  tagsInput,
  usageEventInput,
  usageEventsParameters,
} from '@farthing/contract';
import { z } from 'zod';
import { withScope } from '../../costs/with-scope.ts';
import { eventListInput, listEvents } from '../../event-list/list-events.ts';
import { readableTenant } from '../../http/callers/access.ts';
import { eventFilterInput, filterValueInput, MAX_EVENT_PAGE } from '../../ledger/event-filter.ts';
import { openEvent } from '../../ledger/reading/read-event.ts';
import { tenantInput } from '../../parameters/tenant.ts';
import { endpoint } from '../endpoint.ts';
import { integerParameter, rangeParameters } from '../query-parameters.ts';

const { tags: tagFilter, ...columnFilters } = eventFilterInput.shape;

const NDJSON = /^application\/(x-ndjson|ndjson|x-jsonlines|jsonl|x-jsonl)\b/i;

/** `POST`: one event, an array or NDJSON in; an answer per item out. */
export const postEvents = endpoint({
  access: 'events:write',
  summary: 'Records usage events: one, an array, or NDJSON.',
  description: `At most ${MAX_BATCH_ITEMS.toLocaleString('en')} events and \`FARTHING_BODY_LIMIT_BYTES\` per request; \`Content-Encoding: gzip\` is welcome. One bad item never costs its neighbours: the answer is 200 also where some were rejected. A body that is one single event is answered with the error of that event instead. \`tag.<key>\` gives every item a tag that it does not have itself.`,
  tags: ['events'],
  bytes: { types: ['application/json', 'application/x-ndjson'], item: usageEventInput },
  query: usageEventsParameters,
  queryTags: tagsInput,
  answer: ingestAnswer,
  errors: [
    'invalid_json',
    'invalid_event',
    'event_too_large',
    'usage_too_large',
    'unknown_tenant',
    'tenant_not_allowed',
    'event_conflict',
    'body_too_large',
    'too_many_items',
    'unsupported_media_type',
    'overloaded',
  ],
  examples: [
    {
      name: 'a batch with counts by meter, and a recorded usage object',
      query: { environment: 'production' },
      queryTags: { team: 'search' },
      bytes: [
        {
          id: 'call-1',
          time: '2026-11-22T10:00:00Z',
          provider: 'openai',
          model: 'gpt-5.2',
          operation: 'chat',
          quantities: { input_uncached: 1200, output_text: 80 },
          agent: 'crawler',
          workflow: 'nightly-index',
        },
        {
          id: 'call-2',
          time: '2026-11-22T10:00:05Z',
          provider: 'anthropic',
          model: 'claude-sonnet-4-5',
          usage: { input_tokens: 900, output_tokens: 40 },
          agent: 'crawler',
          latency_ms: 812.5,
        },
      ],
    },
  ],
  async handle({ context, identity, query, queryTags: tags, request }) {
    const { format, door, ...defaults } = query;
    if (!Buffer.isBuffer(request.body)) {
      throw new AppError('invalid_json', 'The body is empty: send an event, an array of events, or NDJSON.');
    }
    return context.ingest.ingest({
      body: request.body,
      ndjson: NDJSON.test(request.headers['content-type'] ?? ''),
      format,
      identity,
      door: door ?? (format === 'responses' ? 'import' : 'api'),
      defaults: { ...defaults, tags },
      now: context.now(),
    });
  },
});

/** `GET`: newest first, by cursor. */
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
  answer: eventPageAnswer,
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

/** `GET /:id`: one event with everything that led to its cost. */
export const getUsageEvent = endpoint({
  access: 'usage:read',
  summary: 'One event, with everything that led to its cost.',
  description:
    'Raw usage, how it was read, disjoint quantities, the rate cards with source and dates, one line per meter, the amount, and the history of the cost. An id of another tenant is answered like one that does not exist.',
  tags: ['events'],
  etag: true,
  params: z.strictObject({ id: filterValueInput.min(1) }),
  query: z.strictObject({
    tenant: tenantInput
      .optional()
      .meta({ description: 'Needed by an administrator where several tenants have the id.' }),
  }),
  answer: eventDetailAnswer,
  errors: ['not_found', 'unknown_tenant'],
  examples: [{ name: 'by its id', params: { id: 'call-1' }, query: { tenant: 'acme' } }],
  async handle({ context: { db }, identity, params, query }) {
    const tenant = readableTenant(identity, query.tenant);
    const event = await withScope(db, tenant, ({ tx, tenants }) =>
      openEvent(
        tx,
        tenants.map((one) => one.id),
        params.id,
      ),
    );
    if (event === null) throw new AppError('not_found', 'There is no such event.');
    return event;
  },
});
