/** What only the URL and the headers of a response say about its price: where it ran, and in whose name. */
import { withBedrockHeaders } from './bedrock/headers.ts';
import { bedrockRegion } from './provider.ts';
import type { ExtractHint, Reading } from './shape.ts';

/** The reading with what its host adds. Header names in any case. */
export function withHosting(reading: Reading, provider: string, hint: ExtractHint): Reading {
  if (provider === 'bedrock') {
    const located = { ...reading, region: reading.region ?? bedrockRegion(hint.url) };
    return hint.headers === undefined ? located : withBedrockHeaders(located, hint.headers);
  }
  return provider === 'azure' && isSpilledOver(hint.headers) ? spilledOver(reading) : reading;
}

/** Headers of an answer that some price depends on, by the beginning of their lower-cased names. */
const BILLING_HEADERS = ['x-amzn-bedrock-', 'x-ms-is-spilled-over', 'x-prompt-tokens', 'x-generated-tokens'];

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

/**
 * A provisioned deployment of Azure that was full had a standard one answer: that call is billed by the token. The
 * header is `false` for every other call, provisioned or not, and then says nothing.
 */
function isSpilledOver(headers: ExtractHint['headers']): boolean {
  return Object.entries(headers ?? {}).some(
    ([name, value]) => name.toLowerCase() === 'x-ms-is-spilled-over' && value.toLowerCase() === 'true',
  );
}

function spilledOver(reading: Reading): Reading {
  const tier = reading.tier === null || reading.tier === 'scale' ? 'standard' : reading.tier;
  return { ...reading, tier, convention: `${reading.convention}; spilled over, billed by the token` };
}
