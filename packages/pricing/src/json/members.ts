/** Reading of untrusted JSON: own properties only, counts checked, nothing thrown. */
import { LARGEST_QUANTITY } from '../usage/quantities.ts';
import type { Anomaly, Json, JsonObject } from '../usage/usage.ts';

/** True for a JSON object; arrays and null are not. */
export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The own property, or undefined; `__proto__` and `constructor` of the prototype are never read. */
export function get(object: JsonObject | null | undefined, key: string): Json | undefined {
  return object && Object.hasOwn(object, key) ? object[key] : undefined;
}

export function getObject(object: JsonObject | null | undefined, key: string): JsonObject | null {
  const value = get(object, key);
  return isObject(value) ? value : null;
}

export function getArray(object: JsonObject | null | undefined, key: string): readonly Json[] {
  const value = get(object, key);
  return Array.isArray(value) ? value : [];
}

/** Longest valid name. */
const MAX_NAME = 256;

/** A non-empty name of at most 256 characters, or null. */
export function getName(object: JsonObject | null | undefined, key: string): string | null {
  const value = get(object, key);
  return typeof value === 'string' && value.length > 0 && value.length <= MAX_NAME ? value : null;
}

/** True if the object has any of the keys with a value other than null. */
export function hasAny(object: JsonObject, keys: readonly string[]): boolean {
  return keys.some((key) => {
    const value = get(object, key);
    return value !== undefined && value !== null;
  });
}

/**
 * A count of a usage object: a whole number from 0 to {@link LARGEST_QUANTITY}, or digits as text. Null where absent or null.
 * Anything else is dropped, with the anomaly `not_a_count`.
 */
export function getCount(
  object: JsonObject | null | undefined,
  key: string,
  anomalies: Anomaly[],
): number | null {
  const value = get(object, key);
  if (value === undefined || value === null) return null;
  const count = typeof value === 'string' && /^\d{1,15}$/.test(value) ? Number(value) : value;
  if (typeof count === 'number' && Number.isInteger(count) && count >= 0 && count <= LARGEST_QUANTITY)
    return count === 0 ? 0 : count;
  anomalies.push({
    code: 'not_a_count',
    message: `${key} is ${printed(value)}, not a whole number from 0 to ${LARGEST_QUANTITY}; it is left out`,
  });
  return null;
}

/** The first of the keys that holds a count: providers spell the same field in several ways. */
export function firstCount(
  object: JsonObject | null | undefined,
  keys: readonly string[],
  anomalies: Anomaly[],
): number | null {
  for (const key of keys) {
    const count = getCount(object, key, anomalies);
    if (count !== null) return count;
  }
  return null;
}

/** The first of the keys that holds an object. */
export function firstObject(
  object: JsonObject | null | undefined,
  keys: readonly string[],
): JsonObject | null {
  for (const key of keys) {
    const value = getObject(object, key);
    if (value !== null) return value;
  }
  return null;
}

/** Members of an object that is put together from the events of a stream. */
const MOST_MEMBERS = 200;

/** The members of both, the latter's where both have one; beyond 200 members only those that are there are renewed. */
export function merged(
  before: { readonly [key: string]: Json | undefined },
  more: { readonly [key: string]: Json | undefined } | null,
): { readonly [key: string]: Json | undefined } {
  if (more === null) return before;
  const all = { ...before, ...more };
  const keys = Object.keys(all);
  if (keys.length <= MOST_MEMBERS) return all;
  const first = keys.slice(0, Math.max(MOST_MEMBERS, Object.keys(before).length));
  return Object.fromEntries(first.map((key) => [key, all[key]]));
}

/** The same in place, for what is put together from every event of a stream. */
export function addMembers(all: { [key: string]: Json | undefined }, more: JsonObject): void {
  for (const key of Object.keys(more)) {
    if (Object.hasOwn(all, key) || Object.keys(all).length < MOST_MEMBERS) all[key] = more[key];
  }
}

function printed(value: Json): string {
  if (typeof value === 'object') return Array.isArray(value) ? 'a list' : 'an object';
  return typeof value === 'string' ? JSON.stringify(value.slice(0, 40)) : String(value);
}
