/** `POST /api/usage/events`: one event, an array or NDJSON in; an answer per item out. */
import { AppError, tagsInput, usageEventsParameters } from '@farthing/contract';
import { identityOf } from '../../http/access.ts';
import { parseParameters } from '../../http/parse.ts';
import type { Endpoint } from '../endpoint.ts';
import { splitTags } from '../query-parameters.ts';

const NDJSON = /^application\/(x-ndjson|ndjson|x-jsonlines|jsonl|x-jsonl)\b/i;

export const postEvents: Endpoint = {
  access: 'tenant',
  body: 'events',
  async handle(context, request) {
    const { plain, tags } = splitTags(request.query);
    const { format, door, ...defaults } = parseParameters(usageEventsParameters, plain);
    if (!Buffer.isBuffer(request.body)) {
      throw new AppError('invalid_json', 'The body is empty: send an event, an array of events, or NDJSON.');
    }
    return context.ingest.ingest({
      body: request.body,
      ndjson: NDJSON.test(request.headers['content-type'] ?? ''),
      format,
      identity: identityOf(request),
      door: door ?? (format === 'responses' ? 'import' : 'api'),
      defaults: { ...defaults, tags: parseParameters(tagsInput, Object.fromEntries(tags)) },
      now: context.now(),
    });
  },
};
