/** Removes the personal data from an event. Pure. */
import type { Json, JsonObject } from '@farthing/pricing';

export interface StripRules {
  /** The person's name, as in `user_id`. */
  readonly user: string;
  /** All tags go, not only those that hold the name. */
  readonly thorough: boolean;
}

/** A shorter name occurs inside too many words by chance. */
export const SHORTEST_INSIDE = 6;

/** Is the text the name, or does it hold it? */
export function names(text: string, user: string): boolean {
  return text === user || (user.length >= SHORTEST_INSIDE && text.includes(user));
}

export type Tags = { readonly [key: string]: string };

/** Tags without those whose key or value names the person; null if none are left. With `thorough`, all are removed. */
export function strippedTags(tags: Tags | null, { user, thorough }: StripRules): Tags | null {
  if (tags === null || thorough) return null;
  const kept = Object.entries(tags).filter(([key, value]) => !names(key, user) && !names(value, user));
  return kept.length === 0 ? null : Object.fromEntries(kept);
}

/** Longer names are no field of a provider's usage. */
const LONGEST_FIELD = 64;

/**
 * The provider's usage without its texts: counts stay, so that an explanation still begins with what was reported;
 * words, which could be anything a caller put there, go.
 */
export function strippedUsage(raw: Json, user: string): Json {
  if (typeof raw === 'string') return null;
  if (raw === null || typeof raw !== 'object') return raw;
  if (isList(raw)) return raw.map((one) => strippedUsage(one, user));
  const kept: { [key: string]: Json } = {};
  for (const [key, value] of Object.entries(raw as JsonObject)) {
    if (typeof value === 'string' || value === undefined) continue;
    if (key.length > LONGEST_FIELD || names(key, user)) continue;
    kept[key] = strippedUsage(value, user);
  }
  return kept;
}

const isList = (value: Json): value is readonly Json[] => Array.isArray(value);

/** Members of a quarantined event that are about its caller and do not affect the bill. */
const PERSONAL = ['traceId', 'spanId', 'responseId', 'metadata'] as const;
const PERSONAL_ATTRIBUTION = ['user', 'session', 'requestId'] as const;

/**
 * A quarantined event (JSON text of a usage event) without the person; null where it is not the person's and its tags do
 * not name them.
 */
export function strippedQuarantined(text: string, rules: StripRules): string | null {
  const event = JSON.parse(text) as { [key: string]: Json };
  const attribution = event['attribution'];
  if (typeof attribution !== 'object' || attribution === null || isList(attribution)) return null;
  const before = attribution as JsonObject;
  const tags = (before['tags'] ?? null) as Tags | null;
  const own = before['user'] === rules.user;
  const named = tags !== null && Object.values(tags).includes(rules.user);
  if (!own && !named) return null;
  const kept: { [key: string]: Json } = { ...(before as { [key: string]: Json }) };
  kept['tags'] = strippedTags(tags, { user: rules.user, thorough: own && rules.thorough }) ?? {};
  event['attribution'] = kept;
  if (own) {
    for (const name of PERSONAL_ATTRIBUTION) kept[name] = null;
    if (rules.thorough) kept['task'] = null;
    for (const name of PERSONAL) event[name] = null;
    event['rawUsage'] = strippedUsage(event['rawUsage'] ?? null, rules.user);
  }
  event['contentHash'] = '';
  return JSON.stringify(event);
}
