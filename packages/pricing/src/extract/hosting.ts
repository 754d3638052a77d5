/** What only the URL and the headers of a response say about its price: where it ran, and in whose name. */
import { withBedrockHeaders } from './bedrock-headers.ts';
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
