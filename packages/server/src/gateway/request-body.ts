/** The request as far as the gateway must understand it: which model, streamed or not, and usage asked for. */
import type { JsonObject } from '@farthing/pricing';
import { memberValue } from './json-member.ts';

export interface ReadRequest {
  readonly model: string | null;
  readonly streams: boolean;
  /** The billing-relevant settings, for the extractor; never the prompt. */
  readonly settings: JsonObject;
  /** The body to send: the caller's bytes, or a copy that also asks for stream usage. */
  readonly body: Buffer;
  /** True where the copy asks for usage that the caller did not: the answer's extra chunk must go again. */
  readonly usageAdded: boolean;
}

/**
 * Reads a JSON request. A body that is not a JSON object (or is compressed) is passed on as it is: the provider
 * will say what is wrong with it.
 *
 * @param askForUsage add `stream_options.include_usage` to a stream that does not ask for it
 */
export function readRequestBody(body: Buffer, askForUsage: boolean): ReadRequest {
  const parsed = parseObject(body);
  if (parsed === null) return { model: null, streams: false, settings: {}, body, usageAdded: false };
  const model = typeof parsed['model'] === 'string' ? parsed['model'] : null;
  const streams = parsed['stream'] === true;
  const read = { model, streams, settings: billingSettings(parsed) };
  const withUsage = askForUsage && streams ? addUsageOption(body, parsed['stream_options']) : null;
  return { ...read, body: withUsage ?? body, usageAdded: withUsage !== null };
}

/** A JSON object, or null for anything else. */
export function parseObject(body: Buffer): { readonly [key: string]: unknown } | null {
  try {
    const text = body.toString('utf8');
    const parsed: unknown = JSON.parse(text.charCodeAt(0) === BYTE_ORDER_MARK ? text.slice(1) : text);
    return typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed)
      ? (parsed as { [key: string]: unknown })
      : null;
  } catch {
    return null;
  }
}

const BYTE_ORDER_MARK = 0xfeff;

function billingSettings(parsed: { readonly [key: string]: unknown }): JsonObject {
  const settings: { [key: string]: string | boolean } = {};
  for (const key of ['service_tier', 'speed', 'inference_geo']) {
    const value = parsed[key];
    if (typeof value === 'string') settings[key] = value;
  }
  if (parsed['stream'] === true) settings['stream'] = true;
  return settings;
}

/**
 * Null when the caller asks for usage already, or when the options are of no form the provider would take. Only
 * the bytes of this one member are written anew (a new one goes behind the opening brace); every other byte stays
 * the caller's: big numbers, doubled keys and spaces survive.
 */
function addUsageOption(body: Buffer, options: unknown): Buffer | null {
  if (options === undefined) {
    const brace = body.indexOf(0x7b);
    return splice(body, brace + 1, brace + 1, INSERTED);
  }
  if (typeof options !== 'object' || Array.isArray(options)) return null;
  if (options !== null && 'include_usage' in options && options.include_usage === true) return null;
  const value = memberValue(body, 'stream_options');
  if (value === null) return null;
  return splice(body, value.from, value.to, JSON.stringify({ ...options, include_usage: true }));
}

/** A streaming request has at least the member `stream`, so the comma is always right. */
const INSERTED = '"stream_options":{"include_usage":true},';

function splice(body: Buffer, from: number, to: number, text: string): Buffer {
  return Buffer.concat([body.subarray(0, from), Buffer.from(text), body.subarray(to)]);
}
