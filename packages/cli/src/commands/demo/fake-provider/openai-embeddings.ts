/** `POST /v1/embeddings`. */
import { createHash } from 'node:crypto';
import type { Reply } from './reply.ts';
import { countIn, type FakeRequest, list, textLength, tokensOf } from './request.ts';

const DEFAULT_DIMENSIONS: Readonly<Record<string, number>> = { 'text-embedding-3-large': 3072 };

/** One unit vector per input, derived from its text; floats or base64 as asked. */
export function embeddings(request: FakeRequest): Reply {
  const { body, model } = request;
  const input = body['input'];
  const single = typeof input === 'string' || typeof list(input)[0] === 'number';
  const inputs = single ? [input] : list(input);
  const dimensions = Math.min(countIn(body['dimensions']) ?? DEFAULT_DIMENSIONS[model] ?? 1536, 4096);
  const data = inputs.map((item, index) => {
    const vector = vectorOf(JSON.stringify(item), dimensions);
    const asBase64 = body['encoding_format'] === 'base64';
    const embedding = asBase64 ? Buffer.from(vector.buffer).toString('base64') : Array.from(vector);
    return { object: 'embedding', index, embedding };
  });
  const tokens = inputs.reduce<number>((sum, item) => sum + tokensIn(item), 0);
  const usage = { prompt_tokens: tokens, total_tokens: tokens };
  return {
    kind: 'json',
    status: 200,
    body: { object: 'list', data, model, ...(request.usage === 'none' ? {} : { usage }) },
  };
}

/** Token arrays are already counted. */
function tokensIn(item: unknown): number {
  return Array.isArray(item) ? item.length : Math.max(1, tokensOf(textLength(item)));
}

function vectorOf(seed: string, dimensions: number): Float32Array {
  let state = createHash('sha256').update(seed).digest().readUInt32LE(0);
  const scale = 1 / Math.sqrt(dimensions / 3);
  return Float32Array.from({ length: dimensions }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return (state / 2 ** 31 - 1) * scale;
  });
}
