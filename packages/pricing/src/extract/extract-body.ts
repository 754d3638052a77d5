/** Whole bodies and bare usage objects → {@link ExtractedUsage}. */

import type { ExtractHint, ReadContext, Reading, Shape } from '../forms/description/shape.ts';
import { withoutUsage } from '../forms/fields/envelope.ts';
import { withHosting } from '../forms/hosting.ts';
import { providerOfBody, providerOfModel, providerOfUrl, resolveProvider } from '../forms/provider.ts';
import { SHAPES, shapeOfBody, shapeOfHint, shapeOfUsage } from '../forms/shapes.ts';
import { get, getObject, isObject } from '../json/members.ts';
import type { ExtractedUsage, Json, JsonObject } from '../usage/usage.ts';
import { boundedReading } from './bounded-reading.ts';
import { ExtractError } from './errors.ts';
import { unwrapBatch } from './unwrap.ts';

/**
 * Reads a provider's whole response body. A line of a batch result is unwrapped and read at the batch tier.
 * A body without usage gives `source: 'none'`. Pure: no clock, no I/O.
 *
 * @throws ExtractError `unknown_provider`: the provider is not stated, or its name is not known;
 *   `unrecognised_body`: the body has no form that is known.
 *
 * @example extractBody(await response.json(), { provider: 'openai' }).segments[0]?.quantities
 */
export function extractBody(body: Json, hint: ExtractHint): ExtractedUsage {
  refuseUnknownProvider(hint);
  if (Array.isArray(body)) return readEvents(body, hint);
  if (!isObject(body)) throw new ExtractError('unrecognised_body', 'a response body must be a JSON object');
  const batch = unwrapBatch(body);
  if (batch === null) return readBody(body, hint);
  const { surface: _surface, url: _url, ...rest } = hint;
  const status = batch.status === null ? {} : { status: batch.status };
  return { ...readBody(batch.body, { ...rest, ...status }), tier: 'batch' };
}

function readBody(body: JsonObject, hint: ExtractHint): ExtractedUsage {
  const shape = shapeOfBody(body, hint);
  if (shape === null || getObject(body, 'usage') === null) {
    if (isFailure(body, hint)) return failure(body, hint, shape);
  }
  if (shape === null) throw unrecognised(hint);
  return readShape(shape, body, hint);
}

/** A list of events, as Google answers a stream without server-sent events. */
function readEvents(events: readonly Json[], hint: ExtractHint): ExtractedUsage {
  const first = events.find(isObject);
  const shape =
    first === undefined ? undefined : SHAPES.find((one) => one.fold !== null && one.recognises(first));
  if (shape === undefined || shape.fold === null) {
    throw new ExtractError('unrecognised_body', 'a response body must be a JSON object');
  }
  const fold = shape.fold();
  for (const event of events) if (isObject(event)) fold.add(event);
  return readShape(shape, fold.finish(false).body, hint);
}

/** Reads a body whose shape is known: who answered, what it says, and what only response headers say. */
export function readShape(shape: Shape, body: JsonObject, hint: ExtractHint): ExtractedUsage {
  const provider = settleProvider(body, hint, shape);
  const context = { ...hint, provider };
  const reading = readSteps(shape, body, context) ?? readOne(shape, body, context);
  return { provider, ...boundedReading(withHosting(reading, provider, hint)) };
}

/** The calls of which a body is the sum. */
function readSteps(shape: Shape, body: JsonObject, context: ReadContext): Reading | null {
  const steps = shape.steps?.of(body) ?? null;
  if (shape.steps === undefined || steps === null) return null;
  return shape.steps.join(
    shape.read(body, context),
    steps.map((step) => readOne(shape, step, context)),
  );
}

function readOne(shape: Shape, body: JsonObject, context: ReadContext): Reading {
  return readRaw(shape, body, context) ?? shape.read(body, context);
}

/** The provider's own usage object, where a library passes it on beside its own reading of it. */
function readRaw(shape: Shape, body: JsonObject, context: ReadContext): Reading | null {
  const raw = shape.raw?.(body) ?? null;
  const own = raw === null ? null : shapeOfUsage(raw);
  if (raw === null || own === null || own === shape) return null;
  const { model, responseId, createdAt } = shape.read(body, context);
  const reading = own.read({ usage: raw }, context);
  return { ...reading, model, responseId, createdAt };
}

/**
 * Reads a provider's bare usage object (`response.usage`); model and provider come from the hint.
 *
 * @throws ExtractError as {@link extractBody} does.
 */
export function extractUsage(usage: Json, hint: ExtractHint): ExtractedUsage {
  if (!isObject(usage)) throw new ExtractError('unrecognised_body', 'a usage object must be a JSON object');
  refuseUnknownProvider(hint);
  const told = shapeOfHint(hint);
  const shape = told?.recognisesUsage(usage) === true ? told : shapeOfUsage(usage);
  if (shape === null) throw unrecognised(hint);
  return readShape(shape, { usage }, hint);
}

/** Throws `unknown_provider` where the caller names a provider that is not known. */
export function refuseUnknownProvider(hint: ExtractHint): void {
  if (hint.provider === undefined || resolveProvider(hint.provider) !== null) return;
  const name = JSON.stringify(hint.provider.slice(0, 60));
  throw new ExtractError(
    'unknown_provider',
    `provider ${name} is not known; for an OpenAI-compatible endpoint of your own say "openai-compatible"`,
  );
}

/** Who answered: what the caller says, the URL, then what only one provider sends. */
export function settleProvider(body: JsonObject, hint: ExtractHint, shape: Shape | null): string {
  refuseUnknownProvider(hint);
  const told = hint.provider === undefined ? null : resolveProvider(hint.provider);
  const hosted = hint.url === undefined ? null : providerOfUrl(hint.url);
  // A router is more exact by its URL: it names the provider behind it, whose price is billed.
  if (told !== null) return hosted?.startsWith(`${told}_`) === true ? hosted : told;
  const found =
    hosted ??
    providerOfBody(body) ??
    (shape === null ? null : ownerOf(shape)) ??
    (hint.requestModel === undefined ? null : providerOfModel(hint.requestModel));
  if (found !== null) return found;
  throw new ExtractError('unknown_provider', 'the response does not say who answered; name the provider');
}

/** The provider whose form this is; forms that many providers share have none. */
function ownerOf(shape: Shape): string | null {
  const [owner = ''] = shape.id.split('.');
  return owner === 'openai' ? null : resolveProvider(owner);
}

/** True for a body that reports a failure: nothing was billed unless it carries usage. */
export function isFailure(body: JsonObject, hint: ExtractHint): boolean {
  if (hint.status !== undefined && hint.status >= 400) return true;
  const error = get(body, 'error');
  return (isObject(error) || typeof error === 'string') && get(body, 'object') === undefined;
}

function failure(body: JsonObject, hint: ExtractHint, shape: Shape | null): ExtractedUsage {
  const operation = hint.operation ?? shape?.operation ?? shapeOfHint(hint)?.operation ?? 'other';
  const provider = settleProvider(body, hint, shape);
  return { provider, ...withoutUsage(body, operation, 'the provider answered with an error') };
}

function unrecognised(hint: ExtractHint): ExtractError {
  const told = hint.surface ?? hint.url;
  const about = told === undefined ? '' : ` for ${JSON.stringify(told.slice(0, 120))}`;
  return new ExtractError(
    'unrecognised_body',
    `no known form of usage stands in the body${about}; send the provider's whole response, or quantities`,
  );
}
