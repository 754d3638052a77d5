/**
 * Schemas of the code as JSON Schema (2020-12), the dialect of OpenAPI 3.1. A schema with an id is written once, under
 * components.
 */
import { z } from 'zod';

/** JSON Schema as far as it is looked into here. */
export interface JsonSchema {
  readonly $ref?: string;
  readonly type?: string | readonly string[];
  readonly properties?: { readonly [name: string]: JsonSchema };
  readonly required?: readonly string[];
  readonly description?: string;
  readonly default?: unknown;
  readonly [keyword: string]: unknown;
}

/** `input`: the shape of a request. `output`: the shape of an answer. */
export type Direction = 'input' | 'output';

export interface SchemaCollectionOptions {
  /**
   * True: answers have the members named and no others. False, as published: clients must expect members to be added.
   */
  readonly closed: boolean;
}

/** Turns schemas into JSON Schema and collects the named ones. */
export interface SchemaCollection {
  /** The schema; parts with an id are references into {@link components}. */
  convert(schema: z.ZodType, direction: Direction): JsonSchema;
  readonly components: { readonly [name: string]: JsonSchema };
}

/**
 * Begins a collection.
 *
 * @example createSchemas({ closed: false }).convert(z.string().max(3), 'input') // { type: 'string', maxLength: 3 }
 */
export function createSchemas({ closed }: SchemaCollectionOptions): SchemaCollection {
  const components: { [name: string]: JsonSchema } = {};
  return {
    components,
    convert(schema, direction) {
      // Wrapped, so that a schema with an id of its own becomes a reference as well.
      const whole = z.toJSONSchema(z.object({ it: schema }), {
        io: direction,
        target: 'draft-2020-12',
        unrepresentable: 'any',
        override: ({ zodSchema, jsonSchema }) => {
          const def = zodSchema._zod.def;
          const open = def.type === 'object' && !('catchall' in def && def.catchall !== undefined);
          if (open && !closed) delete jsonSchema.additionalProperties;
          if (jsonSchema.maximum === Number.MAX_SAFE_INTEGER) delete jsonSchema.maximum;
          if (jsonSchema.minimum === Number.MIN_SAFE_INTEGER) delete jsonSchema.minimum;
        },
      });
      // Through text: it drops members that are undefined, and shares nothing with zod's own objects.
      const { $defs = {}, properties } = pointedAtComponents(whole) as Converted;
      for (const [name, part] of Object.entries($defs)) keep(components, name, part);
      return properties.it;
    },
  };
}

interface Converted {
  readonly $defs?: { readonly [name: string]: JsonSchema };
  readonly properties: { readonly it: JsonSchema };
}

function pointedAtComponents(schema: unknown): unknown {
  return JSON.parse(JSON.stringify(schema).replaceAll('"#/$defs/', '"#/components/schemas/'));
}

function keep(components: { [name: string]: JsonSchema }, name: string, part: JsonSchema): void {
  const known = components[name];
  if (known !== undefined && JSON.stringify(known) !== JSON.stringify(part)) {
    throw new Error(`Two different schemas have the id "${name}": give each a name of its own.`);
  }
  components[name] = part;
}
