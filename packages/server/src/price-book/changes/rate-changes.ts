/** Differences between prices. Which of them need a confirmation is decided in `price-problems.ts`. Pure. */
import type { PriceProblem } from '@farthing/contract';
import { type Meter, parseDecimal, printDecimal, type Rate, type RateCard } from '@farthing/pricing';
import { judged } from './price-problems.ts';
import { percentOf } from './unit-prices.ts';

export type { PriceProblem } from '@farthing/contract';

export interface PriceChange {
  readonly provider: string;
  readonly model: string;
  readonly tier: string;
  readonly speed: string;
  /** Null = any region. */
  readonly region: string | null;
  /** Null where the whole model or card is meant. */
  readonly meter: string | null;
  readonly old_usd: string | null;
  readonly old_per: number | null;
  readonly new_usd: string | null;
  readonly new_per: number | null;
  /** Of the price of one unit, to a tenth: "+12.5"; null where there was none before or is none now. */
  readonly percent: string | null;
  /** Null = nothing to worry about; else it needs a yes. */
  readonly problem: PriceProblem | null;
  readonly message: string | null;
}

export type ChangedCard = Pick<PriceChange, 'provider' | 'model' | 'tier' | 'speed' | 'region'>;

/** A change of the whole model or card, without prices. */
export function wholeChange(
  card: ChangedCard,
  problem: PriceProblem | null,
  message: string,
  value: string | null = null,
  meter: string | null = null,
): PriceChange {
  const prices = { old_usd: null, old_per: null, new_usd: value, new_per: null, percent: null };
  return { ...card, meter, ...prices, problem, message };
}

/** The differences between the rates of a card before and after; `before` null = there was no such card. */
export function rateChanges(
  card: ChangedCard,
  before: RateCard['rates'] | null,
  after: RateCard['rates'],
): PriceChange[] {
  const meters = new Set([...Object.keys(before ?? {}), ...Object.keys(after)]) as Set<Meter>;
  return [...meters].flatMap((meter) => {
    const [old, next] = [before?.[meter], after[meter]];
    if (old !== undefined && next !== undefined && terms(old) === terms(next)) return [];
    return [{ ...card, meter, ...amounts(old, next), ...judged(old, next) }];
  });
}

const amounts = (old: Rate | undefined, next: Rate | undefined) => ({
  old_usd: old?.usd ?? null,
  old_per: old?.per ?? null,
  new_usd: next?.usd ?? null,
  new_per: next?.per ?? null,
  percent: old === undefined || next === undefined ? null : percentOf(old, next),
});

/** A rate as text: equal text, equal price. */
function terms({ usd, per, steps, mode, minimum }: Rate): string {
  const plain = (text: string) => printDecimal(parseDecimal(text));
  const list = (steps ?? []).map((step) => [step.from, plain(step.usd)]);
  return JSON.stringify([plain(usd), per, list, mode ?? 'cliff', minimum ?? 0]);
}
