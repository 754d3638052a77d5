/**
 * One recorded response, as in a line of a text file or import → everything that is needed to price it.
 * The command line and the server's import read lines with this one function, so both price them alike.
 */

import { creationTime } from '../extract/creation-time.ts';
import { ExtractError } from '../extract/errors.ts';
import { extractBody, isFailure } from '../extract/extract-body.ts';
import { openStream, type StreamExtractor } from '../extract/stream.ts';
import type { ExtractHint } from '../forms/description/shape.ts';
import { modelOfUrl, pathOf } from '../forms/description/url.ts';
import { withoutUsage } from '../forms/fields/envelope.ts';
import { formOf } from '../forms/registry.ts';
import { bytesOfBase64 } from '../json/base64.ts';
import { get, getName, getObject, isObject } from '../json/members.ts';
import type { RatingRequest } from '../rating/rate.ts';
import type { Anomaly, ExtractedUsage, Json, JsonObject, ServiceTier } from '../usage/usage.ts';

/** What a line says, ready to be rated. */
export interface ResponseReading {
  readonly id: string | null;
  readonly usage: ExtractedUsage;
  /** The model that was asked for, where the line says so. */
  readonly requestedModel: string | null;
  /** The model to price: the served one, else the requested one (on Bedrock the other way round), else `unknown`. */
  readonly model: string;
  /** Unix milliseconds: the line's `at`, else as {@link creationTime}. */
  readonly at: number;
  /** The served tier; standard where the response states none. */
  readonly tier: ServiceTier;
  readonly status: 'ok' | 'error';
  /**
   * False where nothing can have been billed: the provider answered with an error, or a GET read an earlier
   * response again. A successful call without usage stays true: its cost is unknown, not zero.
   */
  readonly billed: boolean;
}

/**
 * Reads one line: `{id, provider, surface?, format, body | stream | stream_base64, headers?, url?, method?,
 * status?, request?, request_model?, api?, at?}`. Fields it does not know are ignored. `now` (Unix
 * milliseconds) is used if nothing says when the call was made.
 *
 * A GET of a response by its id reads again what was billed when it was made: it has no quantities, source
 * `none` and the anomaly `already_billed`.
 *
 * @param streamed the reading of the line's stream, where that was read apart; see {@link openLineStream}
 * @throws ExtractError `invalid_event`: a field of the line is missing or of the wrong type; else as
 *   `extractBody` does.
 */
export function readResponseLine(
  line: JsonObject,
  now: number,
  streamed: ExtractedUsage | null = null,
): ResponseReading {
  const hint = hintOf(line);
  const read = streamed ?? readPayload(line, hint);
  const usage = isReread(line, hint) ? alreadyBilled(read) : read;
  const requestedModel = hint.requestModel ?? null;
  const body = get(line, 'body');
  const failed = (hint.status ?? 200) >= 400 || (isObject(body) && isFailure(body, hint));
  return {
    id: getName(line, 'id'),
    usage,
    requestedModel,
    model: pricedModel(usage, requestedModel),
    at: atOf(line) ?? creationTime(usage.createdAt, now),
    tier: usage.tier ?? 'standard',
    status: failed ? 'error' : 'ok',
    billed: !failed && usage === read,
  };
}

/**
 * Opens a reader for the stream of a line, for a stream that is too long to be read in one go. Give its reading to
 * {@link readResponseLine}.
 *
 * @throws ExtractError `invalid_event`: a field of the line is of the wrong type
 */
export function openLineStream(line: JsonObject): StreamExtractor {
  return openStream(hintOf(line));
}

/**
 * The model to price: the served one, else the requested one, else `unknown`. On Bedrock the id that was asked for
 * comes first: it names the price (region, version), while bodies name the bare model.
 */
export function pricedModel(
  usage: Pick<ExtractedUsage, 'provider' | 'model'>,
  requested: string | null,
): string {
  const served = usage.model;
  const byRequest = formOf(usage.provider)?.pricedModel === 'requested';
  return (byRequest ? (requested ?? served) : (served ?? requested)) ?? 'unknown';
}

/** What is to be rated of a reading. */
export function ratingRequest(reading: ResponseReading): RatingRequest {
  const { usage, model, at, tier, billed } = reading;
  return {
    provider: usage.provider,
    model,
    operation: usage.operation,
    at,
    tier,
    speed: usage.speed,
    region: usage.region,
    segments: usage.segments,
    billed,
  };
}

function hintOf(line: JsonObject): ExtractHint {
  const provider = text(line, 'provider');
  const url = text(line, 'url');
  const api = text(line, 'api');
  const surface = text(line, 'surface');
  const requestModel =
    getName(line, 'request_model') ??
    getName(getObject(line, 'request'), 'model') ??
    modelOfUrl(url ?? undefined);
  const headers = headersOf(line);
  const status = get(line, 'status');
  const request = getObject(line, 'request');
  if (status !== undefined && status !== null && !Number.isInteger(status)) {
    throw new ExtractError('invalid_event', 'status must be an HTTP status code, such as 200');
  }
  return {
    ...(provider === null ? {} : { provider }),
    ...(url === null ? {} : { url }),
    // `other` says only that the finer name decides.
    ...(surface === 'other' && api !== null ? { surface: api } : surface === null ? {} : { surface }),
    ...(requestModel === null ? {} : { requestModel }),
    ...(typeof status === 'number' ? { status } : {}),
    ...(request === null ? {} : { request }),
    ...(headers === null ? {} : { headers }),
  };
}

/** The response headers that are text; lines may carry them reduced or not at all. */
function headersOf(line: JsonObject): { readonly [name: string]: string } | null {
  const entries = Object.entries(getObject(line, 'headers') ?? {});
  const found = entries.filter((entry): entry is [string, string] => typeof entry[1] === 'string');
  return found.length === 0 ? null : Object.fromEntries(found);
}

function text(line: JsonObject, key: string): string | null {
  const value = get(line, key);
  if (value === undefined || value === null || value === '') return null;
  if (typeof value === 'string' && value.length <= 8192) return value;
  throw new ExtractError('invalid_event', `${key} must be a text of at most 8192 characters`);
}

function readPayload(line: JsonObject, hint: ExtractHint): ExtractedUsage {
  const format = text(line, 'format') ?? (get(line, 'stream') === undefined ? 'json' : 'sse');
  switch (format) {
    case 'json': {
      const body = get(line, 'body');
      if (body === undefined) throw new ExtractError('invalid_event', 'format json needs body');
      return extractBody(body, hint);
    }
    case 'sse':
    case 'ndjson':
      return readStream(line, format, hint);
    case 'eventstream':
      return readBinaryStream(line, hint);
    default:
      throw new ExtractError('invalid_event', 'format must be json, sse, ndjson or eventstream');
  }
}

function readStream(line: JsonObject, format: string, hint: ExtractHint): ExtractedUsage {
  const stream = get(line, 'stream');
  if (typeof stream !== 'string') throw new ExtractError('invalid_event', `format ${format} needs stream`);
  const extractor = openStream(hint);
  extractor.push(stream);
  return extractor.end('complete');
}

function readBinaryStream(line: JsonObject, hint: ExtractHint): ExtractedUsage {
  const bytes = bytesOf(get(line, 'stream_base64'));
  if (bytes === null) {
    throw new ExtractError('invalid_event', 'format eventstream needs stream_base64, the bytes as base64');
  }
  const extractor = openStream(hint);
  extractor.push(bytes);
  return extractor.end('complete');
}

function bytesOf(base64: Json | undefined): Uint8Array | null {
  if (typeof base64 !== 'string') return null;
  try {
    return bytesOfBase64(base64);
  } catch {
    return null;
  }
}

/** GET of `/responses/<id>`: the same usage again, billed when the response was made. */
function isReread(line: JsonObject, hint: ExtractHint): boolean {
  const method = get(line, 'method');
  if (typeof method !== 'string' || method.toUpperCase() !== 'GET') return false;
  return /\/responses\/[^/]+$/.test(pathOf(hint.url) ?? '') || hint.surface === 'responses';
}

function alreadyBilled(usage: ExtractedUsage): ExtractedUsage {
  const anomaly: Anomaly = {
    code: 'already_billed',
    message:
      'a GET of a response repeats usage that was billed when the response was made; nothing is charged',
  };
  const empty = withoutUsage({}, usage.operation, `${usage.convention}; read again, not billed again`);
  const { segments, source, reportedCost } = empty;
  return { ...usage, segments, source, reportedCost, anomalies: [...usage.anomalies, anomaly] };
}

/** `at` as Unix milliseconds; a time that cannot be read is an error, never silently now. */
function atOf(line: JsonObject): number | null {
  const at: Json | undefined = get(line, 'at');
  if (at === undefined || at === null) return null;
  const time =
    typeof at === 'string' && /^\d{4}-\d{2}-\d{2}([T ].*)?$/.test(at) ? Date.parse(at) : Number.NaN;
  if (Number.isNaN(time)) throw new ExtractError('invalid_event', 'at must be an RFC 3339 time');
  return time;
}
