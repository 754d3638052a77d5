/** `POST /api/usage/events`: one event, an array or NDJSON in; an answer per item out. */
import { AppError, tagsInput, usageEventInput, usageEventsParameters } from '@farthing/contract';
import { endpoint } from '../endpoint.ts';
import { ingestResult } from './event-schemas.ts';

const NDJSON = /^application\/(x-ndjson|ndjson|x-jsonlines|jsonl|x-jsonl)\b/i;

export const postEvents = endpoint({
  access: 'events:write',
  summary: 'Records usage events: one, an array, or NDJSON.',
  description:
    'At most 10,000 events and `FARTHING_BODY_LIMIT_BYTES` per request; `Content-Encoding: gzip` is welcome. One bad item never costs its neighbours: the answer is 200 also where some were rejected. A body that is one single event is answered with the error of that event instead. `tag.<key>` gives every item a tag that it does not have itself.',
  tags: ['events'],
  bytes: { types: ['application/json', 'application/x-ndjson'], item: usageEventInput },
  query: usageEventsParameters,
  queryTags: tagsInput,
  answer: ingestResult,
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
