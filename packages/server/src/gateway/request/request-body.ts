/** The request as far as the gateway must understand it: which model, streamed or not, and usage asked for. */
import type { Anomaly, JsonObject } from '@farthing/pricing';
import { JsonSpans, keyOf, type ValueSpan } from '@farthing/pricing/extract';
import { unusableName } from './usable-name.ts';

export interface ReadRequest {
  readonly model: string | null;
  readonly streams: boolean;
  /** The billing-relevant settings, for the extractor; never the prompt. */
  readonly settings: JsonObject;
  /** The body to send: the caller's bytes, or a copy that also asks for stream usage. */
  readonly body: Buffer;
  /** True where the copy asks for usage that the caller did not: the answer's extra chunk must go again. */
  readonly usageAdded: boolean;
  /** What was wrong with the request as far as it is kept: a model's name that no ledger can hold. */
  readonly anomalies: readonly Anomaly[];
}

/** Bytes between two turns of others: about a millisecond. */
const STEP_BYTES = 524_288;
/** Longest member that is parsed; longer ones are none of those that are read. */
const MAX_MEMBER_BYTES = 16_384;

/** Bytes of a key with its quotes: `stream_options`, each letter of it as an escape. */
const LONGEST_KEY = 90;
/** The members that are looked at. */
const READ = new Set(['model', 'stream', 'stream_options', 'service_tier', 'speed', 'inference_geo']);
const SETTINGS = ['service_tier', 'speed', 'inference_geo'];

/**
 * Reads a JSON request: the members it needs, found by their place in the bytes; nothing else is parsed, so that a
 * body of any depth and size is passed on in the same time, and others get their turn meanwhile. A body that is not a
 * JSON object (or is compressed) is passed on as it is: the provider will say what is wrong with it.
 *
 * @param askForUsage add `stream_options.include_usage` to a stream that does not ask for it
 */
export async function readRequestBody(body: Buffer, askForUsage: boolean): Promise<ReadRequest> {
  const found = new Map<string, ValueSpan>();
  const spans = new JsonSpans(body, afterMark(body), (span) => {
    if (span.keyTo - span.keyFrom > LONGEST_KEY) return;
    const key = keyOf(body, span);
    // Of a doubled key the last one counts.
    if (key !== null && READ.has(key)) found.set(key, span);
  });
  while (!spans.step(STEP_BYTES)) await new Promise(setImmediate);
  return isWholeObject(body, spans) ? understand(body, found, askForUsage) : passedOn(body);
}

/** Index behind a byte order mark. */
function afterMark(body: Buffer): number {
  return body[0] === 0xef && body[1] === 0xbb && body[2] === 0xbf ? 3 : 0;
}

/** One object, and nothing but blanks around it. */
function isWholeObject(body: Buffer, spans: JsonSpans): boolean {
  if (!spans.whole || body[spans.end - 1] !== 0x7d) return false;
  for (let at = spans.end; at < body.length; at++) {
    const byte = body[at];
    if (byte !== 0x20 && byte !== 0x0a && byte !== 0x0d && byte !== 0x09) return false;
  }
  return true;
}

function passedOn(body: Buffer): ReadRequest {
  return { model: null, streams: false, settings: {}, body, usageAdded: false, anomalies: [] };
}

function understand(body: Buffer, found: ReadonlyMap<string, ValueSpan>, askForUsage: boolean): ReadRequest {
  const { name: model, anomalies } = readModel(body, found.get('model'));
  const streams = parsedValue(body, found.get('stream')) === true;
  const settings: { [key: string]: string | boolean } = {};
  for (const key of SETTINGS) {
    const value = parsedValue(body, found.get(key));
    if (typeof value === 'string' && unusableName(value) === null) settings[key] = value;
  }
  if (streams) settings['stream'] = true;
  const read = { model, streams, settings, anomalies };
  const withUsage = askForUsage && streams ? addUsageOption(body, found.get('stream_options')) : null;
  return { ...read, body: withUsage ?? body, usageAdded: withUsage !== null };
}

function readModel(
  body: Buffer,
  span: ValueSpan | undefined,
): { readonly name: string | null; readonly anomalies: readonly Anomaly[] } {
  const long = span !== undefined && body[span.from] === 0x22 && span.to - span.from > MAX_MEMBER_BYTES;
  const value = parsedValue(body, span);
  const problem = long ? 'is too long' : typeof value === 'string' ? unusableName(value) : null;
  if (problem === null) return { name: typeof value === 'string' ? value : null, anomalies: [] };
  const message = `The model's name in the request ${problem}; the call stands without it.`;
  return { name: null, anomalies: [{ code: 'unusable_name', message }] };
}

/** The value of a member; undefined where it is absent, long, deep or no JSON. */
function parsedValue(body: Buffer, span: ValueSpan | undefined): unknown {
  if (span === undefined || span.to - span.from > MAX_MEMBER_BYTES || span.depth > 32) return undefined;
  try {
    return JSON.parse(body.toString('utf8', span.from, span.to));
  } catch {
    return undefined;
  }
}

/**
 * Null when the caller asks for usage already, or when the options are of no form the provider would take. Only
 * the bytes of this one member are written anew (a new one goes behind the opening brace); every other byte stays
 * the caller's: big numbers, doubled keys and spaces survive.
 */
function addUsageOption(body: Buffer, span: ValueSpan | undefined): Buffer | null {
  if (span === undefined) {
    const brace = body.indexOf(0x7b);
    return splice(body, brace + 1, brace + 1, INSERTED);
  }
  const options = parsedValue(body, span);
  if (typeof options !== 'object' || Array.isArray(options)) return null;
  if (options !== null && 'include_usage' in options && options.include_usage === true) return null;
  return splice(body, span.from, span.to, JSON.stringify({ ...options, include_usage: true }));
}

/** A streaming request has at least the member `stream`, so the comma is always right. */
const INSERTED = '"stream_options":{"include_usage":true},';

function splice(body: Buffer, from: number, to: number, text: string): Buffer {
  return Buffer.concat([body.subarray(0, from), Buffer.from(text), body.subarray(to)]);
}
