/** Parses parameters and bodies by schema. Invalid input becomes a 400 that names every invalid field. */
import { AppError } from '@farthing/contract';
import { z } from 'zod';
import { isKeepable } from './keepable.ts';

/** One thing wrong with the input. `path` is dotted: `tags.team`. */
export interface InputProblem {
  readonly path: string;
  readonly message: string;
}

/** The problems zod found, at most ten of them, in the words of the API. */
export function inputProblems(error: z.ZodError): InputProblem[] {
  return error.issues
    .flatMap((issue) =>
      // For an unknown member, its own name is the path.
      issue.code === 'unrecognized_keys'
        ? issue.keys.slice(0, 10).map((key) => problemAt([...issue.path, key], 'is not known here'))
        : [problemAt(issue.path, issue.message)],
    )
    .slice(0, 10);
}

function problemAt(path: readonly PropertyKey[], message: string): InputProblem {
  return { path: path.map(String).join('.').slice(0, 200), message: message.slice(0, 300) };
}

/**
 * Query or path parameters. Unknown ones are `unknown_parameter`, bad values `invalid_parameter`.
 *
 * @example const query = parseParameters(z.strictObject({ tenant: z.string().optional() }), request.query);
 */
export function parseParameters<Schema extends z.ZodType>(schema: Schema, input: unknown): z.output<Schema> {
  refuseUnkeepable(input);
  const parsed = schema.safeParse(input);
  if (parsed.success) return parsed.data;
  const details = inputProblems(parsed.error);
  const unknown = parsed.error.issues.find((issue) => issue.code === 'unrecognized_keys');
  if (unknown !== undefined) {
    throw new AppError('unknown_parameter', `Unknown parameter: ${quoted(unknown.keys)}.`, { details });
  }
  throw new AppError('invalid_parameter', sentence(details), { details });
}

/** Names are looked at like values: those of tags are made by the caller, and a schema for records takes any. */
function refuseUnkeepable(input: unknown): void {
  for (const [path, value] of Object.entries(input ?? {})) {
    const texts: readonly unknown[] = Array.isArray(value) ? [path, ...value] : [path, value];
    if (texts.every((one) => typeof one !== 'string' || isKeepable(one))) continue;
    const details = [
      { path: path.slice(0, 200), message: 'must not contain NUL or half of a surrogate pair' },
    ];
    throw new AppError('invalid_parameter', sentence(details), { details });
  }
}

/** Prefix of the name of a tag parameter: `tag.team`. */
export const TAG = 'tag.';

const isTag = (name: string): boolean => name.startsWith(TAG) && name.length > TAG.length;

/** Sets `tag.<key>` parameters apart from those with fixed names. */
export function splitTags(query: unknown): {
  readonly plain: { readonly [name: string]: unknown };
  readonly tags: { readonly [key: string]: unknown };
} {
  const plain: [string, unknown][] = [];
  const tags: [string, unknown][] = [];
  for (const [name, value] of Object.entries(query ?? {})) {
    if (isTag(name)) tags.push([name.slice(TAG.length), value]);
    else plain.push([name, value]);
  }
  return { plain: Object.fromEntries(plain), tags: Object.fromEntries(tags) };
}

/**
 * Makes the reader of `tag.<key>` parameters by a schema for a record of values by key: once for each route, since
 * making a schema costs more than using it.
 *
 * @example const readTags = tagReader(z.record(z.string(), z.string())); readTags({ team: 'search' })
 */
export function tagReader<Schema extends z.ZodType>(
  schema: Schema,
): (tags: { readonly [key: string]: unknown }) => z.output<Schema> {
  // Places are named as the caller wrote them: `tag.team`.
  const named: z.ZodType = z.object({ tag: schema });
  return (tags) => {
    // The usual case, on the hot path too: none.
    if (Object.keys(tags).length === 0) {
      const none = schema.safeParse(tags);
      if (none.success) return none.data;
    }
    // No schema for records sees this key, so nothing would refuse it.
    if (Object.hasOwn(tags, '__proto__')) {
      const details = [{ path: 'tag.__proto__', message: 'cannot be the name of a tag' }];
      throw new AppError('invalid_parameter', sentence(details), { details });
    }
    refuseUnkeepable(tags);
    // TypeScript cannot infer that the member `tag` is the output of `schema`.
    return (parseParameters(named, { tag: tags }) as { readonly tag: z.output<Schema> }).tag;
  };
}

/** A JSON body; invalid input is refused as `invalid_body`. */
export function parseBody<Schema extends z.ZodType>(schema: Schema, input: unknown): z.output<Schema> {
  const parsed = schema.safeParse(input ?? {});
  if (parsed.success) return parsed.data;
  const details = inputProblems(parsed.error);
  throw new AppError('invalid_body', sentence(details), { details });
}

function sentence(problems: readonly InputProblem[]): string {
  const [first] = problems;
  if (first === undefined) return 'The input does not fit.';
  return first.path === '' ? `${first.message}.` : `${first.path}: ${first.message}.`;
}

function quoted(keys: readonly string[]): string {
  return keys
    .slice(0, 5)
    .map((key) => `"${key.slice(0, 60)}"`)
    .join(', ');
}
