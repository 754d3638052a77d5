/**
 * Reduces a provider's response to what its price depends on: model, ids, tier, usage, and the kinds of output
 * items that carry a fee. Prompts and completions stay in this process.
 */

/** A JSON object of a provider. */
export type Body = { readonly [key: string]: unknown };

/** True for a JSON object; arrays and null are not. */
export function isBody(value: unknown): value is Body {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

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

/** The reduced body. Works on any provider's shape; what it doesn't know it leaves out. */
export function billingBody(body: Body): Body {
  const reduced: { [key: string]: unknown } = {};
  for (const key of FIELDS) if (body[key] !== undefined) reduced[key] = figures(body[key], 0);
  if (isBody(body['x_groq'])) reduced['x_groq'] = { usage: figures(body['x_groq']['usage'], 0) };
  if (Array.isArray(body['output'])) reduced['output'] = body['output'].filter(isBody).map(item);
  if (Array.isArray(body['content'])) reduced['content'] = body['content'].filter(isBody).map(item);
  if (Array.isArray(body['tools'])) reduced['tools'] = body['tools'].filter(isBody).map(item);
  if (Array.isArray(body['data'])) reduced['data'] = placeholders(body['data']);
  if (Array.isArray(body['choices'])) reduced['choices'] = body['choices'].filter(isBody).map(choice);
  if (isBody(body['incomplete_details']))
    reduced['incomplete_details'] = figures(body['incomplete_details'], 0);
  if (isBody(body['container'])) reduced['container'] = { id: short(body['container']['id']) };
  return reduced;
}

/** Numbers, flags and short words at any depth; longer text is content and goes. */
function figures(value: unknown, depth: number): unknown {
  if (typeof value === 'string') return short(value);
  if (typeof value !== 'object' || value === null) return value;
  if (depth >= DEEPEST) return undefined;
  if (Array.isArray(value)) return value.map((inner) => figures(inner, depth + 1));
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, figures(inner, depth + 1)]));
}

function short(value: unknown): unknown {
  return typeof value !== 'string' || value.length <= LONGEST_TEXT ? value : undefined;
}

/** What a hosted tool's fee depends on: that it ran, which one, in which container. */
function item(value: Body): Body {
  const kept = {
    type: short(value['type']),
    id: short(value['id']),
    status: short(value['status']),
    // A function's name is the caller's; a server tool's name says which fee applies.
    name: value['type'] === 'server_tool_use' ? short(value['name']) : undefined,
    container_id: short(value['container_id']),
    search_context_size: short(value['search_context_size']),
    action: isBody(value['action']) ? { type: short(value['action']['type']) } : undefined,
  };
  return Object.fromEntries(Object.entries(kept).filter(([, field]) => field !== undefined));
}

function choice(value: Body): Body {
  return { index: value['index'], finish_reason: value['finish_reason'] };
}

/** Images are counted; of embeddings only the kind matters. */
function placeholders(data: readonly unknown[]): readonly Body[] {
  const first = data[0];
  if (isBody(first) && first['object'] === 'embedding') return [{ object: 'embedding' }];
  return data.slice(0, 100).map(() => ({}));
}
