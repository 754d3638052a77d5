/** What a request says in the places that its form names. */
import type { Json, JsonObject } from '../../usage/usage.ts';
import type { Framing, MemberPath, RequestForm, StreamForm } from './provider-form.ts';

/**
 * The value at a place of an object; undefined where there is none. Only own members are read.
 *
 * @example memberAt({ generationConfig: { maxOutputTokens: 9 } }, 'generationConfig.maxOutputTokens') // 9
 */
export function memberAt(object: JsonObject, path: MemberPath): Json | undefined {
  let value: Json | undefined = object;
  for (const key of path.split('.')) {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
    value = Object.hasOwn(value, key) ? (value as JsonObject)[key] : undefined;
  }
  return value;
}

/** The members at the root of a request that must be looked at to know all that its form names. */
export function rootMembers(
  { model, stream, outputCaps, answers, settings }: RequestForm,
  usageOption: StreamForm['usageOption'] = null,
): ReadonlySet<string> {
  const places = [model, stream, ...outputCaps, answers, ...settings, usageOption?.member ?? null];
  return new Set(places.flatMap((place) => (place === null ? [] : [place.split('.')[0] ?? place])));
}

/**
 * How an answer of this media type is cut into events; null where it is a whole answer.
 *
 * @param contentType the header, with or without parameters
 *
 * @example framingOf(stream, 'text/event-stream; charset=utf-8') // 'sse'
 */
export function framingOf(stream: StreamForm | null, contentType: string | undefined): Framing | null {
  const mediaType = contentType?.split(';')[0]?.trim().toLowerCase() ?? '';
  const { framings = {} } = stream ?? {};
  return Object.hasOwn(framings, mediaType) ? (framings[mediaType] ?? null) : null;
}
