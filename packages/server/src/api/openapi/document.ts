/** The OpenAPI 3.1 document, made from the endpoints that are running. */
import { type Permission, ROLE_PERMISSIONS } from '@farthing/contract';
import { type Endpoint, GROUPS, type Group } from '../endpoint.ts';
import { createSchemas, type JsonSchema, type SchemaCollection } from './json-schema.ts';
import { type OpenApiRequestBody, operationParameters, type Parameter, requestBodyOf } from './request.ts';
import { ERROR_SCHEMA, errorResponses, type FullResponse, type Response, responsesOf } from './responses.ts';

/** One operation of the document. */
export interface OpenApiOperation {
  readonly operationId: string;
  readonly tags: readonly Group[];
  readonly summary: string;
  readonly description?: string;
  readonly parameters?: readonly Parameter[];
  readonly requestBody?: OpenApiRequestBody;
  readonly responses: { readonly [status: string]: Response };
  readonly security: readonly { readonly [scheme: string]: readonly string[] }[];
  /** The permission its caller needs; null where it is public. */
  readonly 'x-permission': string | null;
}

export type Method = 'get' | 'post' | 'put' | 'patch' | 'delete';

export interface OpenApiDocument {
  readonly openapi: '3.1.1';
  readonly info: { readonly title: string; readonly version: string; readonly description: string };
  readonly servers: readonly { readonly url: string; readonly description: string }[];
  readonly tags: readonly { readonly name: string; readonly description: string }[];
  readonly paths: { readonly [path: string]: { readonly [M in Method]?: OpenApiOperation } };
  readonly components: {
    readonly schemas: { readonly [name: string]: JsonSchema };
    readonly responses: { readonly [name: string]: FullResponse };
    readonly securitySchemes: { readonly [name: string]: unknown };
  };
}

export interface DocumentOptions {
  /** See {@link createSchemas}: true for checking real answers, which must have no member that is not written down. */
  readonly closed?: boolean;
}

/** The API's own version: raised when something that worked would stop working. */
const API_VERSION = '1.0.0';

const GROUP_TEXTS: { readonly [G in Group]: string } = {
  events: 'Usage events: recording them, finding them, opening one, hearing of new ones.',
  costs: 'What was spent, by whatever it is asked by.',
  agents: 'Agents: their limits, what they have spent, pausing them.',
  alerts: 'Thresholds, and what has crossed them.',
  reports: 'Reports over longer times.',
  exports: 'Files: CSV, NDJSON, FOCUS.',
  access: 'Tenants, projects, people, keys, sessions, and the record of who changed what.',
  prices: 'The prices in force, one’s own ones, and rating history again.',
  retention: 'How long events are kept, and what is erased.',
  operations: 'Health, jobs, proofs, and this reference.',
};

const DESCRIPTION = `Farthing is the ledger for LLM spend. Every call of a model is one usage event, priced exactly.

Answers are \`{"success": true, "data": …}\`, errors \`{"success": false, "error": {code, message, request_id, details}}\`.
A parameter or member that is not written down is refused. Amounts are decimal text, or JSON numbers with every digit
where the schema says \`UsdNumber\`; null is an unpriced event, never zero. Times are RFC 3339 in UTC.
Members may be added to answers: ignore what you do not know.`;

/**
 * Makes the document.
 *
 * @example JSON.stringify(openApiDocument(ROUTES))
 */
export function openApiDocument(
  routes: { readonly [key: string]: Endpoint },
  { closed = false }: DocumentOptions = {},
): OpenApiDocument {
  const schemas = createSchemas({ closed });
  const paths: { [path: string]: { [M in Method]?: OpenApiOperation } } = {};
  for (const [key, endpoint] of Object.entries(routes)) {
    const [method = '', url = ''] = key.split(' ', 2);
    const path = url.replace(/:(\w+)/g, '{$1}');
    paths[path] = { ...paths[path], [method.toLowerCase()]: operation(method, url, endpoint, schemas) };
  }
  const used = new Set(Object.values(routes).flatMap(({ tags }) => tags));
  return {
    openapi: '3.1.1',
    info: { title: 'Farthing API', version: API_VERSION, description: DESCRIPTION },
    servers: [{ url: '/', description: 'The server that this document comes from.' }],
    tags: GROUPS.filter((name) => used.has(name)).map((name) => ({ name, description: GROUP_TEXTS[name] })),
    paths,
    components: {
      schemas: sorted({ Error: ERROR_SCHEMA, ...schemas.components }),
      responses: errorResponses(),
      securitySchemes: SECURITY_SCHEMES,
    },
  };
}

const SECURITY_SCHEMES = {
  key: { type: 'http', scheme: 'bearer', description: 'An API key: `Authorization: Bearer <key>`.' },
  keyHeader: {
    type: 'apiKey',
    in: 'header',
    name: 'x-farthing-key',
    description: 'An API key where `Authorization` belongs to somebody else.',
  },
  session: {
    type: 'apiKey',
    in: 'cookie',
    name: 'farthing_session',
    description: 'A session of the dashboard; requests that change something must come from its own pages.',
  },
};
const SIGNED_IN = [{ key: [] }, { keyHeader: [] }, { session: [] }];

function operation(
  method: string,
  url: string,
  endpoint: Endpoint,
  schemas: SchemaCollection,
): OpenApiOperation {
  const { access, summary, description, tags } = endpoint;
  const parameters = operationParameters(endpoint, schemas);
  const requestBody = requestBodyOf(endpoint, schemas);
  const needs = access === 'public' ? 'Needs no key.' : `Needs \`${access}\`: ${rolesWith(access)}.`;
  return {
    operationId: operationId(method, url),
    tags,
    summary,
    description: description === undefined ? needs : `${description}\n\n${needs}`,
    ...(parameters.length === 0 ? {} : { parameters }),
    ...(requestBody === null ? {} : { requestBody }),
    responses: responsesOf(endpoint, schemas),
    security: access === 'public' ? [] : SIGNED_IN,
    'x-permission': access === 'public' ? null : access,
  };
}

function rolesWith(permission: Permission): string {
  const roles = Object.entries(ROLE_PERMISSIONS).filter(([, may]) =>
    (may as readonly string[]).includes(permission),
  );
  return roles.map(([role]) => role).join(', ');
}

/** `GET /api/usage/events/:id` → `getUsageEventsById`. */
function operationId(method: string, url: string): string {
  const words = url
    .split('/')
    .filter((part) => part !== '' && part !== 'api')
    .flatMap((part) => (part.startsWith(':') ? ['by', part.slice(1)] : part.split(/[^A-Za-z0-9]+/)));
  return [method.toLowerCase(), ...words.map((word) => word.charAt(0).toUpperCase() + word.slice(1))].join(
    '',
  );
}

function sorted<T>(members: { readonly [name: string]: T }): { readonly [name: string]: T } {
  return Object.fromEntries(Object.entries(members).sort(([a], [b]) => (a < b ? -1 : 1)));
}
