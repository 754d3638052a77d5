/** What an operation takes: parts of the path, parameters, a body, each with the values of its examples. */
import type { z } from 'zod';
import type { Endpoint, Example } from '../endpoint.ts';
import type { JsonSchema, SchemaCollection } from './json-schema.ts';

/** An OpenAPI parameter object. */
export interface Parameter {
  readonly name: string;
  readonly in: 'path' | 'query' | 'header';
  readonly required?: boolean;
  readonly description?: string;
  readonly style?: 'form';
  readonly explode?: true;
  readonly schema: JsonSchema;
  readonly examples?: { readonly [name: string]: { readonly value: unknown } };
}

/** An OpenAPI request body object. */
export interface OpenApiRequestBody {
  readonly required: boolean;
  readonly content: {
    readonly [type: string]: {
      readonly schema: JsonSchema;
      readonly examples?: { readonly [name: string]: { readonly value: unknown } };
    };
  };
}

/** Path, query and tag parameters. */
export function operationParameters(endpoint: Endpoint, schemas: SchemaCollection): Parameter[] {
  const { params, query, queryTags, examples } = endpoint;
  return [
    ...members(params, schemas).map((member) => ({
      ...asParameter(member, 'path', examples),
      required: true,
    })),
    ...members(query, schemas).map((member) => asParameter(member, 'query', examples)),
    ...(queryTags === null ? [] : [tagParameter()]),
  ];
}

/** The body, null where there is none. */
export function requestBodyOf(endpoint: Endpoint, schemas: SchemaCollection): OpenApiRequestBody | null {
  const { body, bytes, examples } = endpoint;
  const values = (pick: (example: Example) => unknown) => {
    const given = examples.filter((example) => pick(example) !== undefined);
    if (given.length === 0) return {};
    return { examples: Object.fromEntries(given.map((one) => [one.name, { value: pick(one) }])) };
  };
  if (bytes !== undefined) {
    const item = schemas.convert(bytes.item, 'input');
    return {
      required: true,
      content: Object.fromEntries(
        bytes.types.map((type) => [
          type,
          type === 'application/json'
            ? { schema: { anyOf: [item, { type: 'array', items: item }] }, ...values((one) => one.bytes) }
            : { schema: { type: 'string', description: 'One item of the JSON form per line.' } },
        ]),
      ),
    };
  }
  if (body === null) return null;
  return {
    required: true,
    content: {
      'application/json': { schema: schemas.convert(body, 'input'), ...values((one) => one.body) },
    },
  };
}

interface Member {
  readonly name: string;
  readonly schema: JsonSchema;
  readonly required: boolean;
}

/** The members of an object schema; a member with a default names it. */
function members(schema: z.ZodType, schemas: SchemaCollection): Member[] {
  const { properties = {}, required = [] } = schemas.convert(schema, 'input');
  const defaults = defaultsOf(schema);
  return Object.entries(properties).map(([name, property]) => {
    const value = Object.hasOwn(defaults, name) ? defaults[name] : undefined;
    return {
      name,
      required: required.includes(name),
      schema: {
        // A parameter is text before it is anything else.
        ...(Object.keys(property).some(
          (keyword) =>
            keyword === 'type' || keyword.endsWith('Of') || keyword === '$ref' || keyword === 'enum',
        )
          ? property
          : { ...property, type: 'string' }),
        ...(value === undefined ? {} : { default: Array.isArray(value) ? value.join(',') : value }),
      },
    };
  });
}

function defaultsOf(schema: z.ZodType): { readonly [name: string]: unknown } {
  const parsed = schema.safeParse({});
  return parsed.success && typeof parsed.data === 'object' && parsed.data !== null
    ? (parsed.data as { readonly [name: string]: unknown })
    : {};
}

function asParameter(
  { name, schema, required }: Member,
  place: 'path' | 'query',
  examples: readonly Example[],
): Parameter {
  const { description, ...rest } = schema;
  const values = examples.flatMap((example) => {
    const given = (place === 'path' ? example.params : example.query) as
      | { readonly [name: string]: unknown }
      | undefined;
    const value = given?.[name];
    return value === undefined ? [] : [[example.name, { value: asTyped(value, rest) }] as const];
  });
  return {
    name,
    in: place,
    ...(required ? { required: true } : {}),
    ...(description === undefined ? {} : { description }),
    schema: rest,
    ...(values.length === 0 ? {} : { examples: Object.fromEntries(values) }),
  };
}

/** Examples are written as text, as a URL has them; the document shows numbers where the schema says numbers. */
function asTyped(value: unknown, { type }: JsonSchema): unknown {
  return (type === 'integer' || type === 'number') && typeof value === 'string' ? Number(value) : value;
}

function tagParameter(): Parameter {
  return {
    name: 'tags',
    in: 'query',
    description:
      'Any number of parameters `tag.<key>=<value>`, such as `tag.team=search`. The name of this object does not stand in the URL.',
    style: 'form',
    explode: true,
    schema: {
      type: 'object',
      propertyNames: { pattern: '^tag\\..+$' },
      additionalProperties: { type: 'string' },
      examples: [{ 'tag.team': 'search' }],
    },
  };
}
