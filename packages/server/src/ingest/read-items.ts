/**
 * The body of an event request → items: one object, an array, or NDJSON. The content decides, not the media type. Items
 * are found by their position in the bytes, in steps between which other requests get their turn. Nothing is parsed
 * before its size is known.
 */
import { isUtf8 } from 'node:buffer';
import { AppError, MAX_BATCH_ITEMS, MAX_JSON_DEPTH, measureJson } from '@farthing/contract';
import type { Json } from '@farthing/pricing';
import { JsonSpans, parseJson } from '@farthing/pricing/extract';
import { Turns } from '../record/queue/turns.ts';
import { RejectionError } from '../tenants/attribution/rejection-error.ts';

/** One item, not parsed. */
export interface RawItem {
  readonly bytes: Buffer;
  /** About how many values are in it. */
  readonly values: number;
  readonly depth: number;
}

/** Content of a body. */
export interface Items {
  /**
   * `one`: a single object; its error is the answer's error. `array`: one item that is not JSON makes the whole body
   * invalid. `lines`: each line is judged separately.
   */
  readonly form: 'one' | 'array' | 'lines';
  readonly items: readonly RawItem[];
}

/** An item up to this size is measured and parsed in one go. */
export const SMALL_ITEM_BYTES = 65_536;
/** Bytes between two turns of others: about a millisecond. */
const STEP_BYTES = 524_288;
const NEWLINE = 0x0a;

/**
 * Cuts a body into items. `ndjson` says that it was announced as such: then every line is an item, whatever it begins
 * with. Otherwise an array is a batch, an object an event, and several objects on separate lines are NDJSON too.
 *
 * @throws AppError `invalid_json` or `too_many_items` for the body as a whole.
 */
export async function readItems(body: Buffer, ndjson: boolean): Promise<Items> {
  const bytes = body[0] === 0xef && body[1] === 0xbb && body[2] === 0xbf ? body.subarray(3) : body;
  const start = await pastBlanks(bytes, 0);
  if (start === bytes.length)
    throw new AppError('invalid_json', 'The body is empty: send an event, an array of events, or NDJSON.');
  if (ndjson) return { form: 'lines', items: await readLines(bytes) };
  if (bytes[start] === 0x5b) return { form: 'array', items: await readArray(bytes, start) };
  const end = bytes[start] === 0x7b ? await endOfObject(bytes, start) : -1;
  const behind = end === -1 ? -1 : await pastBlanks(bytes, end);
  if (end !== -1 && behind === bytes.length) {
    return { form: 'one', items: [await measured(bytes.subarray(start, end))] };
  }
  // A body that is not one value may be one value per line.
  const newline = bytes.indexOf(NEWLINE, start);
  const first = newline === -1 ? bytes.subarray(start) : bytes.subarray(start, newline);
  const isLine = end === -1 ? isSmallScalar(first) : newline !== -1 && end <= newline && behind > newline;
  if (!isLine) throw brokenBody(bytes.subarray(start));
  const items = await readLines(bytes);
  return { form: items.length === 1 ? 'one' : 'lines', items };
}

/**
 * Parses an item that is small.
 *
 * @throws RejectionError `invalid_json`, without an excerpt of the text: that may hold secrets
 */
export function parseItem({ bytes, depth }: RawItem): Json {
  if (depth > MAX_JSON_DEPTH) throw tooDeep();
  if (!isUtf8(bytes)) throw new RejectionError('invalid_json', 'This is not UTF-8.');
  try {
    return parseJson(bytes.toString('utf8'));
  } catch (error) {
    throw new RejectionError('invalid_json', `This is not valid JSON${positionOf(error)}.`);
  }
}

export const tooDeep = (): RejectionError =>
  new RejectionError('invalid_json', `The JSON nests deeper than ${MAX_JSON_DEPTH} levels.`);

/** The error of a whole body that is no JSON, with the place where that shows, unless it is long. */
function brokenBody(bytes: Buffer): AppError {
  if (bytes.length <= SMALL_ITEM_BYTES) {
    try {
      parseItem({ bytes, values: 1, depth: 0 });
    } catch (error) {
      if (error instanceof RejectionError) return error.toAppError();
    }
  }
  return new AppError('invalid_json', 'This is not valid JSON.');
}

async function readArray(bytes: Buffer, start: number): Promise<RawItem[]> {
  const items: RawItem[] = [];
  const spans = new JsonSpans(bytes, start, ({ from, to, values, depth }) => {
    if (items.length === MAX_BATCH_ITEMS) throw tooMany();
    items.push({ bytes: bytes.subarray(from, to), values, depth });
  });
  while (!spans.step(STEP_BYTES)) await turn();
  if (!spans.whole || (await pastBlanks(bytes, spans.end)) < bytes.length) {
    throw brokenBody(bytes.subarray(start));
  }
  return items;
}

async function readLines(bytes: Buffer): Promise<RawItem[]> {
  const items: RawItem[] = [];
  let looked = 0;
  for (let at = await pastBlanks(bytes, 0); at < bytes.length; at = await pastBlanks(bytes, at)) {
    const newline = bytes.indexOf(NEWLINE, at);
    const end = newline === -1 ? bytes.length : newline;
    if (items.length === MAX_BATCH_ITEMS) throw tooMany();
    items.push(await measured(bytes.subarray(at, end)));
    looked += end - at;
    if (looked > STEP_BYTES) {
      looked = 0;
      await turn();
    }
    at = end;
  }
  return items;
}

/** An item with what is in it. */
async function measured(bytes: Buffer): Promise<RawItem> {
  if (bytes.length <= SMALL_ITEM_BYTES) {
    const { values, depth } = measureJson(bytes);
    return { bytes, values, depth };
  }
  let values = 1;
  let depth = 0;
  const spans = new JsonSpans(bytes, 0, (span) => {
    values += span.values;
    depth = Math.max(depth, span.depth + 1);
  });
  while (!spans.step(STEP_BYTES)) await turn();
  return { bytes, values, depth };
}

/** Index behind the object that begins at `start`; -1 where it is not closed. */
async function endOfObject(bytes: Buffer, start: number): Promise<number> {
  if (bytes.length - start <= SMALL_ITEM_BYTES) {
    const { end } = measureJson(bytes.subarray(start));
    return end === -1 ? -1 : start + end;
  }
  const spans = new JsonSpans(bytes, start, () => undefined);
  while (!spans.step(STEP_BYTES)) await turn();
  return spans.whole ? spans.end : -1;
}

/** A number, a text or the like: not an event, but a valid line. */
function isSmallScalar(line: Buffer): boolean {
  if (line.length > SMALL_ITEM_BYTES || line[0] === 0x7b) return false;
  try {
    parseItem({ bytes: line, values: 1, depth: 0 });
    return true;
  } catch (error) {
    if (error instanceof RejectionError) return false;
    throw error;
  }
}

/** Index of the first byte at or after `from` that is no blank. */
async function pastBlanks(bytes: Buffer, from: number): Promise<number> {
  for (let at = from; at < bytes.length; ) {
    const limit = Math.min(bytes.length, at + STEP_BYTES);
    for (; at < limit; at++) {
      const byte = bytes[at];
      if (byte !== 0x20 && byte !== NEWLINE && byte !== 0x0d && byte !== 0x09) return at;
    }
    await turn();
  }
  return bytes.length;
}

const turns = new Turns();

/**
 * Lets others have their turn. Only one slice is read per turn of the event loop, over all requests, so that many large
 * requests delay others no longer than one does. Callers with their own tenant are served in turns.
 */
export const turn = (tenant = ''): Promise<void> => turns.next(tenant);

/** Position at which the parser stopped. */
function positionOf(error: unknown): string {
  const position = error instanceof Error ? /at position (\d+)/.exec(error.message)?.[1] : undefined;
  return position === undefined ? '' : ` (at character ${position})`;
}

const tooMany = () =>
  new AppError(
    'too_many_items',
    `A request may hold at most ${MAX_BATCH_ITEMS} events: send several smaller ones.`,
  );
