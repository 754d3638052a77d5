/** What only the URL and the headers of a response say about its price: where it ran, and in whose name. */
import type { JsonObject } from '../usage/usage.ts';
import { azureHosting } from './azure/hosting.ts';
import { bedrockHosting } from './bedrock/hosting.ts';
import type { ExtractHint, Hosting, Reading } from './description/shape.ts';
import { SHAPES } from './shapes.ts';

const HOSTINGS: readonly Hosting[] = [bedrockHosting, azureHosting];

/** The reading with what its host adds. Header names in any case. */
export function withHosting(reading: Reading, provider: string, hint: ExtractHint): Reading {
  const hosting = HOSTINGS.find((one) => one.provider === provider);
  return hosting === undefined ? reading : hosting.adjust(reading, hint);
}

/** What an event of a stream says in place of the headers of an answer that does not stream; null for most events. */
export function headersOfEvent(event: JsonObject): { readonly [name: string]: string } | null {
  for (const { headersOf } of HOSTINGS) {
    const headers = headersOf?.(event) ?? null;
    if (headers !== null) return headers;
  }
  return null;
}

/** Headers of an answer that some price depends on, by the beginning of their lower-cased names. */
const BILLING_HEADERS = [
  ...HOSTINGS.flatMap(({ headers }) => headers),
  ...SHAPES.flatMap(({ headers }) => headers ?? []),
];

/**
 * The headers of an answer that its price may depend on, for a hint; the others need not be kept.
 *
 * @example billingHeaders(response.headers)['x-ms-is-spilled-over'] === 'true'
 */
export function billingHeaders(headers: Iterable<readonly [name: string, value: string]>): {
  readonly [name: string]: string;
} {
  const kept: { [name: string]: string } = {};
  for (const [name, value] of headers) {
    const lower = name.toLowerCase();
    if (BILLING_HEADERS.some((beginning) => lower.startsWith(beginning))) kept[lower] ??= value;
  }
  return kept;
}
