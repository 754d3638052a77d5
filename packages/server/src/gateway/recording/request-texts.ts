/** The texts of a request, for an estimate of its usage: of a large one only as much as the limit allows. */
import type { Json, JsonObject } from '@farthing/pricing';
import { JsonOutline, type OutlineLimits } from '@farthing/pricing/extract';

export interface RequestTexts {
  /** The request, or its outline; null where it is no JSON object. */
  readonly request: JsonObject | null;
  /** True where texts of it were cut short or left out. */
  readonly shortened: boolean;
}

/** A body up to this size is parsed as it is. */
const SMALL_BYTES = 262_144;
/** Bytes of a larger one between two turns of others. */
const STEP_BYTES = 262_144;

/** Half a million tokens; images and files, which are base64, are cut at once. */
const PROMPT_LIMITS: OutlineLimits = {
  prose: 524_288,
  opaque: 1_024,
  bytes: 2_097_152,
  values: 50_000,
  numbers: 50_000,
  texts: 50_000,
};

/** Reads the body of a request, whatever its size, in steps between which others get their turn. */
export async function readTexts(body: Buffer): Promise<RequestTexts> {
  const start = body[0] === 0xef && body[1] === 0xbb && body[2] === 0xbf ? 3 : 0;
  if (body.length <= SMALL_BYTES) return { request: parse(body.toString('utf8', start)), shortened: false };
  const outline = new JsonOutline(PROMPT_LIMITS);
  for (let at = start; at < body.length; at += STEP_BYTES) {
    outline.push(body.subarray(at, at + STEP_BYTES));
    await new Promise(setImmediate);
  }
  const text = outline.text();
  return { request: text === null ? null : parse(text), shortened: outline.cut || outline.shortened };
}

function parse(text: string): JsonObject | null {
  try {
    const value = JSON.parse(text) as Json;
    return isObject(value) ? value : null;
  } catch {
    return null;
  }
}

function isObject(value: Json): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
