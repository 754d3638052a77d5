/** `GET /api/exports/focus/metadata`: who makes FOCUS files here, and the schema of their columns. */
import { FOCUS_METADATA } from '../../../exports/focus/metadata.ts';
import { text } from '../../answer-kinds.ts';
import { endpoint } from '../../endpoint.ts';

export const exportFocusMetadata = endpoint({
  access: 'usage:read',
  summary: 'The metadata of FOCUS 1.2 files: data generator and schema.',
  description:
    'Answered bare, without the envelope, so that it can be kept beside the files: `DataGenerator`, and `Schema` with its id, the version of FOCUS, the time it was made and every column with its type. The same for every tenant and range until the schema changes; a FOCUS file names the id of its own in the header `x-farthing-focus-schema`.',
  tags: ['exports'],
  etag: true,
  answer: text('application/json; charset=utf-8'),
  examples: [{ name: 'ask' }],
  handle: () => `${JSON.stringify(FOCUS_METADATA, null, 2)}\n`,
});
