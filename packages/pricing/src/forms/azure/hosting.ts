/** What only the headers of an answer on Azure say about its price. */
import type { ExtractHint, Hosting, Reading } from '../description/shape.ts';

export const azureHosting: Hosting = {
  provider: 'azure',
  headers: ['x-ms-is-spilled-over'],
  adjust: (reading, { headers }) => (isSpilledOver(headers) ? spilledOver(reading) : reading),
  headersOf: null,
};

/**
 * A full provisioned deployment of Azure lets a standard one answer; such a call is billed by the token. For every other
 * call, provisioned or not, the header is `false` and so does not help.
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
