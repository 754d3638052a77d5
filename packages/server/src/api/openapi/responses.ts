/** The answers of an operation: the good one, and every error it may give. */
import { ERROR_CODES, type ErrorCode } from '@farthing/contract';
import { type EndpointAnswer, isEnvelope } from '../answer-kinds.ts';
import type { Endpoint } from '../endpoint.ts';
import { ERROR_TEXTS } from './error-texts.ts';
import type { JsonSchema, SchemaCollection } from './json-schema.ts';

/** An OpenAPI response object, or a reference to one with a description of its own. */
export type Response = FullResponse | { readonly $ref: string; readonly description: string };

/** An OpenAPI response object. */
export interface FullResponse {
  readonly description: string;
  readonly headers?: { readonly [name: string]: unknown };
  readonly content?: Content;
}

type Content = { readonly [type: string]: { readonly schema: JsonSchema } };

/** The body of every error. */
export const ERROR_SCHEMA: JsonSchema = {
  type: 'object',
  description: 'The body of every error.',
  properties: {
    success: { const: false },
    error: {
      type: 'object',
      properties: {
        code: {
          type: 'string',
          enum: Object.keys(ERROR_CODES),
          description: 'Made for programs; never reused.',
        },
        message: { type: 'string', description: 'What is wrong and what to do; made for people.' },
        request_id: { type: 'string', description: 'Names the request in the log; also in `x-request-id`.' },
        details: { description: 'Particulars, such as `[{"path": "limit", "message": "…"}]`.' },
      },
      required: ['code', 'message', 'request_id'],
    },
  },
  required: ['success', 'error'],
};

const REQUEST_ID = {
  description: "Names the request in the log: the caller's own where it sent a sane one.",
  schema: { type: 'string' },
};
const ETAG = { description: 'Send it back as `If-None-Match`.', schema: { type: 'string' } };
const RETRY_AFTER = { description: 'Seconds after which a retry makes sense.', schema: { type: 'integer' } };

/** All answers of an endpoint by status. */
export function responsesOf(
  endpoint: Endpoint,
  schemas: SchemaCollection,
): { readonly [status: string]: Response } {
  const { answer, etag = false } = endpoint;
  const redirects = !isEnvelope(answer) && answer.kind === 'redirect';
  const status = redirects ? 303 : (endpoint.status ?? 200);
  const headers = {
    'x-request-id': REQUEST_ID,
    ...(etag ? { etag: ETAG } : {}),
    ...(redirects ? { location: { description: 'Where to go.', schema: { type: 'string' } } } : {}),
  };
  const content = contentOf(answer, endpoint, schemas);
  return {
    [status]: {
      description: GOOD[status] ?? 'Done.',
      headers,
      ...(content === null ? {} : { content }),
    },
    ...(etag ? { 304: { description: 'Nothing has changed since the answer with that ETag.' } } : {}),
    ...errorsOf(endpoint),
  };
}

const GOOD: { readonly [status: number]: string } = {
  200: 'The answer.',
  201: 'Made.',
  202: 'Begun; it goes on after the answer.',
  303: 'Somewhere else.',
};

function contentOf(answer: EndpointAnswer, { meta }: Endpoint, schemas: SchemaCollection): Content | null {
  if (isEnvelope(answer)) {
    return {
      'application/json': { schema: envelope(schemas.convert(answer, 'output'), meta) },
    };
  }
  switch (answer.kind) {
    case 'redirect':
      return null;
    case 'text':
      return { [bare(answer.type)]: { schema: { type: 'string' } } };
    case 'stream':
      return Object.fromEntries(answer.types.map((type) => [bare(type), { schema: { type: 'string' } }]));
    case 'events':
      return {
        'text/event-stream': {
          schema: {
            type: 'string',
            description: 'Messages with `event` and `data`; `x-events` has the shape of `data` by event.',
            'x-events': Object.fromEntries(
              Object.entries(answer.events).map(([name, one]) => [name, schemas.convert(one, 'output')]),
            ),
          },
        },
      };
  }
}

/** A media type without its parameters. */
const bare = (type: string): string => type.replace(/;.*$/s, '').trim();

function envelope(data: JsonSchema, meta: Endpoint['meta']): JsonSchema {
  const fixed = Object.entries(meta ?? {}).map(([name, value]) => [name, { const: value }]);
  return {
    type: 'object',
    properties: {
      success: { const: true },
      data,
      ...(meta === undefined
        ? {}
        : {
            meta: {
              type: 'object',
              properties: Object.fromEntries(fixed),
              required: Object.keys(meta),
            },
          }),
    },
    required: ['success', 'data', ...(meta === undefined ? [] : ['meta'])],
  };
}

/** Codes by status: those every endpoint of its kind has, and its own. */
export function errorCodesOf(endpoint: Endpoint): ReadonlySet<ErrorCode> {
  const { access, body, bytes, errors = [] } = endpoint;
  return new Set<ErrorCode>([
    'unknown_parameter',
    'invalid_parameter',
    ...(body === null && bytes === undefined
      ? []
      : (['invalid_json', 'invalid_body', 'body_too_large', 'unsupported_media_type'] as const)),
    ...(access === 'public' ? [] : (['unauthorized', 'forbidden'] as const)),
    // Reads take turns within a tenant and can be refused; recording has its own queue.
    ...(access === 'public' || access === 'events:write' ? [] : (['rate_limited'] as const)),
    ...errors,
    'internal',
    'overloaded',
    'store_unavailable',
    'shutting_down',
  ]);
}

function errorsOf(endpoint: Endpoint): { readonly [status: string]: Response } {
  const byStatus = Map.groupBy(errorCodesOf(endpoint), (code) => ERROR_CODES[code].status);
  return Object.fromEntries(
    [...byStatus]
      .sort(([a], [b]) => a - b)
      .map(([status, codes]) => [
        status,
        {
          $ref: `#/components/responses/Error${status}`,
          description: codes.map((code) => `\`${code}\`: ${ERROR_TEXTS[code] ?? ''}`).join('\n\n'),
        },
      ]),
  );
}

/** The error answers that operations refer to: one per status. */
export function errorResponses(): { readonly [name: string]: FullResponse } {
  const statuses = [...new Set(Object.values(ERROR_CODES).map(({ status }) => status))].sort((a, b) => a - b);
  return Object.fromEntries(
    statuses.map((status) => [
      `Error${status}`,
      {
        description: `An error with status ${status}.`,
        ...(status === 429 || status === 503 ? { headers: { 'retry-after': RETRY_AFTER } } : {}),
        content: { 'application/json': { schema: { $ref: '#/components/schemas/Error' } } },
      },
    ]),
  );
}
