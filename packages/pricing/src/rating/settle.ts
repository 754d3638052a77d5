/**
 * The charge of a call whose provider stated its cost: the provider's figure. The difference to our own
 * computation is a line of its own, so that the lines still add up to the charge.
 */

import { canonicalProvider } from '../book/providers.ts';
import { MoneyError, parseUsd } from '../money/money.ts';
import type { ReportedCost } from '../usage/usage.ts';
import type { Charge, ChargeLine } from './rate.ts';

/** The line that leads from our computation to the provider's figure; its amount may be negative. */
export type DifferenceLine = Omit<ChargeLine, 'meter'> & { readonly meter: 'reported_difference' };

/** A charge as it is kept. Σ amounts of the lines = `pricedSubtotalPicos`, also here. */
export type SettledCharge = Omit<Charge, 'lines'> & {
  readonly lines: readonly (ChargeLine | DifferenceLine)[];
};

/** Providers whose responses state what the call was charged, not what it would cost. */
export const PROVIDERS_STATING_CHARGES: readonly string[] = ['openrouter', 'xai', 'perplexity'];

/**
 * Charges what the provider stated, where there is such a statement and `providers` (canonical names) are believed.
 * This also charges a call that we cannot price. Digits below a picodollar are rounded, half to even.
 *
 * @example settle(charge, 'openrouter', { usd: '0.00014', field: 'usage.cost' }, PROVIDERS_STATING_CHARGES).totalPicos
 */
export function settle(
  charge: Charge,
  provider: string,
  reported: ReportedCost | null,
  providers: readonly string[],
): SettledCharge {
  if (reported === null || !providers.includes(canonicalProvider(provider))) return charge;
  const picos = amountOf(reported);
  if (picos === null || picos === charge.totalPicos) return charge;
  const difference = picos - charge.pricedSubtotalPicos;
  const line: DifferenceLine = {
    meter: 'reported_difference',
    quantity: 1,
    segment: 0,
    rate: null,
    per: null,
    amountPicos: difference,
    cardId: null,
  };
  return {
    ...charge,
    lines: difference === 0n ? charge.lines : [...charge.lines, line],
    totalPicos: picos,
    pricedSubtotalPicos: picos,
    otherPicos: charge.otherPicos + difference,
    unpricedReason: null,
  };
}

function amountOf({ usd }: ReportedCost): bigint | null {
  try {
    const picos = parseUsd(usd, { round: true });
    return picos < 0n ? null : picos;
  } catch (error) {
    if (error instanceof MoneyError) return null;
    throw error;
  }
}
