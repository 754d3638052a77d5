/**
 * Reduces a provider's response to what its price depends on: model, ids, tier, usage, and the kinds of output
 * items that carry a fee. Prompts and completions are left out, so that they stay in the process that has them.
 */
import { isObject } from '../json/members.ts';
import type { Json, JsonObject } from '../usage/usage.ts';

/** Top-level fields without content. */
const FIELDS = [
  'id',
  'object',
  'type',
  'role',
  'created',
  'created_at',
  'model',
  'provider',
  'status',
  'service_tier',
  'speed',
  'stop_reason',
  'usage',
  'usage_breakdown',
  'duration',
  'size',
  'quality',
  'background',
  'output_format',
] as const;

const LONGEST_TEXT = 256;
const DEEPEST = 6;

/**
 * The reduced body of a response of OpenAI's or Anthropic's form; what is not known is left out. It is read by
 * `extractBody` as the whole body is.
 *
 * @example billingBody({ model: 'gpt-4o', choices: [{ message: { content: 'hi' } }], usage }) // { model, usage, choices: [{}] }
 */
export function billingBody(body: JsonObject): JsonObject {
  const reduced: { [key: string]: Json | undefined } = {};
  for (const key of FIELDS) if (body[key] !== undefined) reduced[key] = figures(body[key], 0);
  const { x_groq, output, content, tools, data, choices, incomplete_details, container } = body;
  if (isObject(x_groq)) reduced['x_groq'] = { usage: figures(x_groq['usage'], 0) };
  if (Array.isArray(output)) reduced['output'] = output.filter(isObject).map(item);
  if (Array.isArray(content)) reduced['content'] = content.filter(isObject).map(item);
  if (Array.isArray(tools)) reduced['tools'] = tools.filter(isObject).map(item);
  if (Array.isArray(data)) reduced['data'] = placeholders(data);
  if (Array.isArray(choices)) reduced['choices'] = choices.filter(isObject).map(choice);
  if (isObject(incomplete_details)) reduced['incomplete_details'] = figures(incomplete_details, 0);
  if (isObject(container)) reduced['container'] = { id: short(container['id']) };
  return reduced;
}

/** Numbers, flags and short words at any depth; longer text is content and goes. */
function figures(value: Json | undefined, depth: number): Json | undefined {
  if (typeof value === 'string') return short(value);
  if (typeof value !== 'object' || value === null) return value;
  if (depth >= DEEPEST) return undefined;
  if (Array.isArray(value)) return value.map((inner: Json) => figures(inner, depth + 1) ?? null);
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, figures(inner, depth + 1)]));
}

function short(value: Json | undefined): Json | undefined {
  return typeof value !== 'string' || value.length <= LONGEST_TEXT ? value : undefined;
}

/** What a hosted tool's fee depends on: that it ran, which one, in which container. */
function item(value: JsonObject): JsonObject {
  const kept = {
    type: short(value['type']),
    id: short(value['id']),
    status: short(value['status']),
    // A function's name is the caller's; a server tool's name says which fee applies.
    name: value['type'] === 'server_tool_use' ? short(value['name']) : undefined,
    container_id: short(value['container_id']),
    search_context_size: short(value['search_context_size']),
    action: isObject(value['action']) ? { type: short(value['action']['type']) } : undefined,
  };
  return Object.fromEntries(Object.entries(kept).filter(([, field]) => field !== undefined));
}

function choice(value: JsonObject): JsonObject {
  return { index: value['index'], finish_reason: value['finish_reason'] };
}

/** Images are counted; of embeddings only the kind matters. */
function placeholders(data: readonly Json[]): readonly JsonObject[] {
  const first = data[0];
  if (isObject(first) && first['object'] === 'embedding') return [{ object: 'embedding' }];
  return data.slice(0, 100).map(() => ({}));
}
