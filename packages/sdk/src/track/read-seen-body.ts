/** Reads what was seen of a body. */
import type { Json, JsonObject } from '@farthing/pricing';

const LARGE = 64 * 1024;

/** The body as an object, or nothing. Vectors of large embedding answers are skipped without parsing them. */
export function readSeenBody(text: string): JsonObject | undefined {
  if (text.length > LARGE) {
    const light = parse(withoutVectors(text));
    if (light !== undefined) return light;
  }
  return parse(text);
}

function parse(text: string): JsonObject | undefined {
  try {
    const value = JSON.parse(text) as Json;
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as JsonObject)
      : undefined;
  } catch {
    return undefined;
  }
}

/** The text with its outermost list under `data` cut down to a mark of what it was. */
function withoutVectors(text: string): string {
  const start = text.slice(0, 1024).search(/"data"\s*:\s*\[\s*\{/);
  const embedding = text.slice(0, 1024).includes('"embedding"');
  const open = start === -1 ? -1 : text.indexOf('[', start);
  const close = text.lastIndexOf(']');
  if (!embedding || open === -1 || close <= open) return '';
  return `${text.slice(0, open)}[{"object":"embedding"}]${text.slice(close + 1)}`;
}

/** Joins chunks into text; nothing where they are more than the bound. */
export function textOf(chunks: readonly Uint8Array[]): string {
  const decoder = new TextDecoder();
  return chunks.map((chunk) => decoder.decode(chunk, { stream: true })).join('') + decoder.decode();
}
