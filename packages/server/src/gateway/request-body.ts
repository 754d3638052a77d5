/** The request as far as the gateway must understand it: which model, streamed or not, and usage asked for. */
import type { JsonObject } from '@farthing/pricing';

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
 * Reads a JSON request. A body that is not a JSON object is passed on as it is: the provider will say what is
 * wrong with it.
 *
 * @param askForUsage add `stream_options.include_usage` to a stream that does not ask for it
 */
export function readRequestBody(body: Buffer, askForUsage: boolean): ReadRequest {
  const parsed = parseObject(body);
  if (parsed === null) return { model: null, streams: false, settings: {}, body, usageAdded: false };
  const model = typeof parsed['model'] === 'string' ? parsed['model'] : null;
  const streams = parsed['stream'] === true;
  const read = { model, streams, settings: billingSettings(parsed) };
  if (!askForUsage || !streams) return { ...read, body, usageAdded: false };
  const withUsage = addUsageOption(body, parsed);
  return withUsage === null
    ? { ...read, body, usageAdded: false }
    : { ...read, body: withUsage, usageAdded: true };
}

function parseObject(body: Buffer): { readonly [key: string]: unknown } | null {
  try {
    const parsed: unknown = JSON.parse(body.toString('utf8'));
    return typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed)
      ? (parsed as { [key: string]: unknown })
      : null;
  } catch {
    return null;
  }
}

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
 * Null when the caller asks for usage already. Without stream options one member is inserted behind the opening
 * brace, so that every other byte stays the caller's; options that exist are merged.
 */
function addUsageOption(body: Buffer, parsed: { readonly [key: string]: unknown }): Buffer | null {
  const options = parsed['stream_options'];
  if (options === undefined) {
    const brace = body.indexOf(0x7b);
    return Buffer.concat([body.subarray(0, brace + 1), INSERTED, body.subarray(brace + 1)]);
  }
  if (typeof options !== 'object' || Array.isArray(options)) return null; // the provider will refuse it
  if (options !== null && 'include_usage' in options && options.include_usage === true) return null;
  return Buffer.from(JSON.stringify({ ...parsed, stream_options: { ...options, include_usage: true } }));
}

/** A streaming request has at least the member `stream`, so the comma is always right. */
const INSERTED = Buffer.from('"stream_options":{"include_usage":true},');
