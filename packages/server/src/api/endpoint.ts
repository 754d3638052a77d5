/** An endpoint: what one URL and method does. Its file is found by its URL; `routes.ts` lists them all. */
import type { ErrorCode } from '@farthing/contract';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { AppContext } from '../context.ts';
import { parseBody, parseParameters, splitTags, tagReader } from '../http/bodies/parse.ts';
import { type Access, callerOf } from '../http/callers/access.ts';
import type { Identity } from '../tenants/identity.ts';
import type { EndpointAnswer, ReturnedFor } from './answer-kinds.ts';

/** No parameters, no members: anything sent is refused. */
const nothing = z.strictObject({});
type Nothing = typeof nothing;

/** Groups of the reference, in its order. */
export const GROUPS = [
  'events',
  'costs',
  'agents',
  'alerts',
  'reports',
  'exports',
  'access',
  'prices',
  'retention',
  'operations',
] as const;
export type Group = (typeof GROUPS)[number];

/** Everything a handler works with; `params`, `query` and `body` have been checked. */
export interface EndpointCall<
  A extends Access,
  Params extends z.ZodType,
  Query extends z.ZodType,
  Tags extends z.ZodType,
  Body extends z.ZodType,
> {
  readonly context: AppContext;
  /** Who is calling; null where the endpoint is public. */
  readonly identity: A extends 'public' ? Identity | null : Identity;
  readonly params: z.output<Params>;
  readonly query: z.output<Query>;
  /** `tag.<key>` parameters by key. */
  readonly queryTags: z.output<Tags>;
  readonly body: z.output<Body>;
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
}

/** One way to call an endpoint. The reference shows it, a test runs it. */
export interface Example<Params = unknown, Query = unknown, Tags = unknown, Body = unknown> {
  readonly name: string;
  readonly params?: Params;
  readonly query?: Query;
  readonly queryTags?: Tags;
  readonly body?: Body;
  /** The body of an endpoint that takes bytes, as JSON. */
  readonly bytes?: unknown;
}

/** An endpoint's entry in the API reference. */
export interface Described {
  /** `public`, or the permission its caller needs. */
  readonly access: Access;
  /** One line. */
  readonly summary: string;
  /** More than one line, in Markdown. */
  readonly description?: string;
  readonly tags: readonly Group[];
  /** Status of a successful answer; default 200. */
  readonly status?: 200 | 201 | 202;
  /** Errors it may answer with besides the common ones. */
  readonly errors?: readonly ErrorCode[];
  /** Sent next to `data` in the envelope. */
  readonly meta?: { readonly [name: string]: string };
  /** Sends a weak ETag, and 304 to a client that has the answer already. For answers that seldom change. */
  readonly etag?: boolean;
  /** Largest body where it is not the usual one. */
  readonly bodyLimitBytes?: number;
  /** `long`: a stream that may stay open; no handler timeout. */
  readonly duration?: 'short' | 'long';
  /** A large body, handed over in `request.body` as bytes, gzip or plain: its media types and one item's shape. */
  readonly bytes?: { readonly types: readonly string[]; readonly item: z.ZodType };
}

/** What {@link endpoint} is given. */
export interface Definition<
  A extends Access,
  Params extends z.ZodType,
  Query extends z.ZodType,
  Tags extends z.ZodType,
  Body extends z.ZodType,
  Ans extends EndpointAnswer,
> extends Described {
  readonly access: A;
  /** Parts of the path; every `:name` of the URL. */
  readonly params?: Params;
  /** A strict object: unknown members are refused. */
  readonly query?: Query;
  /** Takes `tag.<key>=<value>` too: a record of values by key. */
  readonly queryTags?: Tags;
  readonly body?: Body;
  /** Shape of `data`, or another kind of answer (`answer-kinds.ts`). Types check `handle` against it, tests what is sent. */
  readonly answer: Ans;
  readonly examples: readonly Example<
    z.input<NoInfer<Params>>,
    z.input<NoInfer<Query>>,
    z.input<NoInfer<Tags>>,
    z.input<NoInfer<Body>>
  >[];
  /** Answers the request; throws an `AppError` to refuse. */
  handle(
    call: EndpointCall<A, Params, Query, Tags, Body>,
  ): Promise<ReturnedFor<NoInfer<Ans>>> | ReturnedFor<NoInfer<Ans>>;
}

/** An endpoint as the frame sees it. */
export interface Endpoint extends Described {
  readonly params: z.ZodType;
  readonly query: z.ZodType;
  /** Null: takes no `tag.<key>`. */
  readonly queryTags: z.ZodType | null;
  /** Null: takes no body. */
  readonly body: z.ZodType | null;
  readonly answer: EndpointAnswer;
  readonly examples: readonly Example[];
  /** Checks what came and answers it. */
  call(context: AppContext, request: FastifyRequest, reply: FastifyReply): Promise<unknown>;
}

/** Method and URL: `GET /api/admin/keys`. */
export type RouteKey = `${'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'} /${string}`;

/** Endpoints by method and URL. */
export type Routes = Readonly<Record<RouteKey, Endpoint>>;

/**
 * Makes an endpoint. Parameters and bodies are validated before `handle` runs; unknown or invalid input never reaches
 * it.
 *
 * @example
 * export const getThing = endpoint({
 *   access: 'usage:read', summary: 'One thing.', tags: ['costs'],
 *   params: z.strictObject({ id: z.uuid() }),
 *   answer: z.object({ id: z.string(), cost_usd: usdText }),
 *   examples: [{ name: 'by id', params: { id: '0190b6a0-0000-7000-8000-000000000000' } }],
 *   handle: ({ context, identity, params }) => readThing(context.db, identity.tenantId, params.id),
 * });
 */
export function endpoint<
  const A extends Access,
  Ans extends EndpointAnswer,
  Params extends z.ZodType = Nothing,
  Query extends z.ZodType = Nothing,
  Tags extends z.ZodType = Nothing,
  Body extends z.ZodType = Nothing,
>(definition: Definition<A, Params, Query, Tags, Body, Ans>): Endpoint {
  const { handle, ...described } = definition;
  // An absent schema has the type `Nothing`, the default of its type parameter above.
  const params = (definition.params ?? nothing) as Params;
  const query = (definition.query ?? nothing) as Query;
  const body = (definition.body ?? nothing) as Body;
  const tags = definition.queryTags;
  const readTags = tags === undefined ? null : tagReader(tags);
  const takesBytes = definition.bytes !== undefined;
  return {
    ...described,
    params,
    query,
    queryTags: tags ?? null,
    body: definition.body ?? null,
    async call(context, request, reply) {
      const asked = readTags === null ? null : splitTags(request.query);
      return handle({
        context,
        identity: (definition.access === 'public' ? request.identity : callerOf(request)) as Identity,
        // Without a schema there are no parts: registration sees to that.
        params: (definition.params === undefined
          ? {}
          : parseParameters(params, request.params)) as z.output<Params>,
        query: parseParameters(query, asked === null ? request.query : asked.plain),
        queryTags: (readTags === null || asked === null ? {} : readTags(asked.tags)) as z.output<Tags>,
        body: (takesBytes ? {} : parseBody(body, request.body)) as z.output<Body>,
        request,
        reply,
      });
    },
  };
}
