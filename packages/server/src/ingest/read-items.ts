/** The body of an event request → items: one object, an array, or NDJSON. What the content is decides, not its label. */
import { isUtf8 } from 'node:buffer';
import { AppError, MAX_BATCH_ITEMS, MAX_JSON_DEPTH, nestsTooDeep } from '@farthing/contract';
import type { Json } from '@farthing/pricing';
import { parseJson } from '@farthing/pricing/extract';
import { Rejection } from './rejection.ts';

/** What a body holds. An item that is no JSON stands as its rejection, in its place. */
export interface Items {
  /** True for a body that is one object: its error is the answer's error. */
  readonly single: boolean;
  readonly items: readonly (Json | Rejection)[];
}

const NEWLINE = 0x0a;
const OPENING_BRACKET = 0x5b;

/**
 * Reads a body. `ndjson` says that it was announced as such: then every line is an item, whatever it begins with.
 * Otherwise an array is a batch, an object an event, and several objects on lines of their own are NDJSON too.
 *
 * @throws AppError `invalid_json` or `too_many_items` for the body as a whole.
 */
export function readItems(body: Buffer, ndjson: boolean): Items {
  const bytes = body[0] === 0xef && body[1] === 0xbb && body[2] === 0xbf ? body.subarray(3) : body;
  const start = firstVisible(bytes);
  if (start === -1)
    throw new AppError('invalid_json', 'The body is empty: send an event, an array of events, or NDJSON.');
  if (!isUtf8(bytes)) throw new AppError('invalid_json', 'The body is not UTF-8.');
  if (ndjson) return { single: false, items: readLines(bytes) };
  if (bytes[start] === OPENING_BRACKET) return { single: false, items: readArray(bytes) };
  const end = bytes.indexOf(NEWLINE, start);
  const whole = tryParse(bytes);
  if (!(whole instanceof Rejection)) return { single: true, items: [whole] };
  // One JSON value over several lines was read above: what is left may be one value per line.
  if (end !== -1 && !(tryParse(bytes.subarray(start, end)) instanceof Rejection)) {
    return { single: false, items: readLines(bytes) };
  }
  throw whole.toAppError();
}

function readArray(bytes: Buffer): readonly Json[] {
  const whole = tryParse(bytes);
  if (whole instanceof Rejection) throw whole.toAppError();
  const items = whole as readonly Json[];
  if (items.length > MAX_BATCH_ITEMS) throw tooMany();
  return items;
}

function readLines(bytes: Buffer): (Json | Rejection)[] {
  const items: (Json | Rejection)[] = [];
  for (let start = 0; start < bytes.length; ) {
    const newline = bytes.indexOf(NEWLINE, start);
    const end = newline === -1 ? bytes.length : newline;
    const line = bytes.subarray(start, end);
    start = end + 1;
    if (firstVisible(line) === -1) continue;
    if (items.length === MAX_BATCH_ITEMS) throw tooMany();
    items.push(tryParse(line));
  }
  return items;
}

function tryParse(bytes: Buffer): Json | Rejection {
  if (nestsTooDeep(bytes))
    return new Rejection('invalid_json', `The JSON nests deeper than ${MAX_JSON_DEPTH} levels.`);
  try {
    return parseJson(bytes.toString('utf8'));
  } catch (error) {
    return new Rejection('invalid_json', `This is not valid JSON${positionOf(error)}.`);
  }
}

/** Where the parser stopped, without its excerpt of the text: that may hold secrets. */
function positionOf(error: unknown): string {
  const position = error instanceof Error ? /at position (\d+)/.exec(error.message)?.[1] : undefined;
  return position === undefined ? '' : ` (at character ${position})`;
}

const tooMany = () =>
  new AppError(
    'too_many_items',
    `A request may hold at most ${MAX_BATCH_ITEMS} events: send several smaller ones.`,
  );

function firstVisible(bytes: Buffer): number {
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at];
    if (byte !== 0x20 && byte !== NEWLINE && byte !== 0x0d && byte !== 0x09) return at;
  }
  return -1;
}
