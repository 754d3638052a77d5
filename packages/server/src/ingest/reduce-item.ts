/**
 * Large items, read without being built: a whole response becomes its outline, which says the same of its usage; a
 * stream is read piece by piece; everything else must be within the bounds of one event.
 */
import { createHash } from 'node:crypto';
import {
  MAX_EVENT_BYTES,
  MAX_EVENT_VALUES,
  MAX_JSON_DEPTH,
  MAX_USAGE_BYTES,
  MAX_USAGE_VALUES,
} from '@farthing/contract';
import type { ExtractedUsage, Json, JsonObject } from '@farthing/pricing';
import {
  isObject,
  JsonOutline,
  JsonSpans,
  keyOf,
  openLineStream,
  parseJson,
  type ValueSpan,
} from '@farthing/pricing/extract';
import { RejectionError } from '../tenants/attribution/rejection-error.ts';
import { type RawItem, tooDeep, turn } from './read-items.ts';
import { feedStream } from './stream-text.ts';

/** The reduced form of a large item. */
export interface ReducedItem {
  /** The item with outlines in the place of what was large; a stream is named by its digest. */
  readonly item: JsonObject;
  /** The reading of its stream, where it has one. */
  readonly streamed: ExtractedUsage | null;
  /** Objects were left out of an outline: counts may be missing. */
  readonly cut: boolean;
}

/** A payload up to this size is taken as it is. */
const SMALL_PAYLOAD_BYTES = 262_144;
const SMALL_PAYLOAD_VALUES = 20_000;
/** More members than any item has. */
const MOST_MEMBERS = 1_000;
const STEP_BYTES = 262_144;
const QUOTE = 0x22;

/** Members that may be large, by the form of the items. */
const PAYLOADS = { events: ['response'], responses: ['body', 'request'] } as const;
const STREAMS = ['stream', 'stream_base64'] as const;
const USAGES = ['usage', 'quantities'];

/** A rejection that carries the id of its item. */
export class LargeItemRejectionError extends RejectionError {
  readonly id: string | null;
  constructor({ code, message, path }: RejectionError, id: string | null) {
    super(code, message, path);
    this.id = id;
  }
}

/**
 * Reads a large item in steps between which others get their turn.
 *
 * @throws RejectionError `usage_too_large`, `event_too_large` or `invalid_json`; `ExtractError` where a stream says nothing
 */
export async function reduceItem(
  { bytes, depth }: RawItem,
  form: 'events' | 'responses',
): Promise<ReducedItem> {
  if (depth > MAX_JSON_DEPTH) throw tooDeep();
  const members = await membersOf(bytes);
  const payloads: readonly string[] = PAYLOADS[form];
  const streams: readonly string[] = form === 'responses' ? STREAMS : [];
  try {
    const texts = streams.filter((key) => bytes[members.get(key)?.from ?? -1] === QUOTE);
    checkBounds(members, [...payloads, ...texts]);
    return await reduce(bytes, members, payloads, streams);
  } catch (error) {
    if (error instanceof RejectionError) throw new LargeItemRejectionError(error, idOf(bytes, members));
    throw error;
  }
}

type Members = ReadonlyMap<string, ValueSpan>;

async function membersOf(bytes: Buffer): Promise<Members> {
  const members = new Map<string, ValueSpan>();
  const spans = new JsonSpans(bytes, 0, (span) => {
    const key = span.keyTo - span.keyFrom > 1_024 ? null : keyOf(bytes, span);
    if (key === null)
      throw new RejectionError('invalid_event', 'An event must be a JSON object with names of members.');
    members.set(key, span);
    if (members.size > MOST_MEMBERS)
      throw new RejectionError('event_too_large', 'The event has too many members.');
  });
  while (!spans.step(STEP_BYTES)) await turn();
  if (!spans.whole) throw new RejectionError('invalid_json', 'This is not valid JSON.');
  return members;
}

function checkBounds(members: Members, mayBeLarge: readonly string[]): void {
  let [size, values] = [0, 0];
  for (const [key, span] of members) {
    if (mayBeLarge.includes(key)) continue;
    const length = span.to - span.from;
    if (USAGES.includes(key) && (length > MAX_USAGE_BYTES || span.values > MAX_USAGE_VALUES)) {
      throw new RejectionError(
        'usage_too_large',
        `${key} may have at most ${MAX_USAGE_BYTES} bytes of JSON and ${MAX_USAGE_VALUES} values.`,
        key,
      );
    }
    size += length;
    values += span.values;
    if (size <= MAX_EVENT_BYTES && values <= MAX_EVENT_VALUES) continue;
    throw new RejectionError(
      'event_too_large',
      `An item may have at most ${MAX_EVENT_BYTES} bytes and ${MAX_EVENT_VALUES} values beside ${mayBeLarge.join(', ')}.`,
      key.slice(0, 200),
    );
  }
}

async function reduce(
  bytes: Buffer,
  members: Members,
  payloads: readonly string[],
  streams: readonly string[],
): Promise<ReducedItem> {
  const texts: string[] = [];
  let cut = false;
  let stream: { readonly key: string; readonly span: ValueSpan } | null = null;
  for (const [key, span] of members) {
    let value: string;
    if (payloads.includes(key) && !isSmall(span)) {
      const outline = await outlineOf(bytes.subarray(span.from, span.to));
      cut ||= outline.cut;
      value = outline.text;
    } else if (streams.includes(key) && !isSmall(span)) {
      stream = { key, span };
      value = JSON.stringify(`sha256:${await digestOf(bytes.subarray(span.from, span.to))}`);
    } else {
      value = bytes.toString('utf8', span.from, span.to);
    }
    texts.push(`${JSON.stringify(key)}:${value}`);
  }
  const item = parsed(`{${texts.join()}}`);
  const streamed = stream === null ? null : await readStream(item, bytes, stream.key, stream.span);
  return { item, streamed, cut };
}

function isSmall({ from, to, values }: ValueSpan): boolean {
  return to - from <= SMALL_PAYLOAD_BYTES && values <= SMALL_PAYLOAD_VALUES;
}

function parsed(text: string): JsonObject {
  let value: Json;
  try {
    value = parseJson(text);
  } catch {
    throw new RejectionError('invalid_json', 'This is not valid JSON.');
  }
  if (!isObject(value)) throw new RejectionError('invalid_event', 'An event must be a JSON object.');
  return value;
}

/** The outline of one value, as text. */
async function outlineOf(bytes: Buffer): Promise<{ readonly text: string; readonly cut: boolean }> {
  const outline = new JsonOutline();
  for (let at = 0; at < bytes.length; at += STEP_BYTES) {
    outline.push(bytes.subarray(at, at + STEP_BYTES));
    await turn();
  }
  const text = outline.text();
  if (text === null) throw new RejectionError('invalid_json', 'This is not valid JSON.');
  return { text, cut: outline.cut };
}

async function readStream(
  item: JsonObject,
  bytes: Buffer,
  key: string,
  span: ValueSpan,
): Promise<ExtractedUsage> {
  const extractor = openLineStream(item);
  const text = bytes.subarray(span.from + 1, span.to - 1);
  await feedStream(extractor, text, key === 'stream_base64', turn);
  return extractor.end('complete');
}

async function digestOf(bytes: Buffer): Promise<string> {
  const hash = createHash('sha256');
  for (let at = 0; at < bytes.length; at += STEP_BYTES) {
    hash.update(bytes.subarray(at, at + STEP_BYTES));
    await turn();
  }
  return hash.digest('hex');
}

/** The sender's id, if it can be read. */
function idOf(bytes: Buffer, members: Members): string | null {
  const span = members.get('id');
  if (span === undefined || span.to - span.from > 2_048) return null;
  try {
    const id: unknown = JSON.parse(bytes.toString('utf8', span.from, span.to));
    return typeof id === 'string' && id.length <= 256 ? id : null;
  } catch {
    return null;
  }
}
