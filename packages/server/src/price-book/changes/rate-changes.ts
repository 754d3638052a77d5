/** Differences between prices, and those that need a confirmation. Pure. */
import type { PriceProblem } from '@farthing/contract';
import { type Meter, parseDecimal, printDecimal, type Rate, type RateCard } from '@farthing/pricing';

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

function judged(
  old: Rate | undefined,
  next: Rate | undefined,
): { readonly problem: PriceProblem | null; readonly message: string | null } {
  if (old === undefined) return { problem: null, message: null };
  if (next === undefined) return { problem: 'vanished', message: 'the price would be gone' };
  const pairs = [[old, next], ...stepPairs(old, next)] as const;
  if (pairs.some(([a, b]) => !isZero(a) && isZero(b)))
    return { problem: 'zero', message: 'something that costs would be free' };
  if (pairs.some(([a, b]) => isJump(a, b))) {
    return { problem: 'jump', message: 'more than 50 % away from the price in force' };
  }
  const same = percentOf(old, next) === '0.0';
  return { problem: null, message: same ? 'its steps, its mode or its minimum change' : null };
}

/** Prices of long context, each with what the same context costs before. */
function stepPairs(old: Rate, next: Rate): [Rate, Rate][] {
  const starts = new Set([...(old.steps ?? []), ...(next.steps ?? [])].map((step) => step.from));
  return [...starts].map((from) => [at(old, from), at(next, from)]);
}

function at(rate: Rate, context: number): Rate {
  const reached = (rate.steps ?? []).filter((step) => step.from <= context);
  const highest = reached.reduce<{ from: number; usd: string } | null>(
    (best, step) => (best === null || step.from > best.from ? step : best),
    null,
  );
  return { usd: highest?.usd ?? rate.usd, per: rate.per };
}

/** A rate as text: equal text, equal price. */
function terms({ usd, per, steps, mode, minimum }: Rate): string {
  const plain = (text: string) => printDecimal(parseDecimal(text));
  const list = (steps ?? []).map((step) => [step.from, plain(step.usd)]);
  return JSON.stringify([plain(usd), per, list, mode ?? 'cliff', minimum ?? 0]);
}

const isZero = ({ usd }: Rate) => parseDecimal(usd).mantissa === 0n;

/** True if the price of a unit changes by more than half of the old one. */
function isJump(before: Rate, after: Rate): boolean {
  const { old, next } = comparable(before, after);
  const change = next > old ? next - old : old - next;
  return 2n * change > old;
}

function percentOf(before: Rate, after: Rate): string | null {
  const { old, next } = comparable(before, after);
  if (old === 0n) return next === 0n ? '0.0' : null;
  const change = next - old;
  const size = change < 0n ? -change : change;
  const tenths = (size * 2000n + old) / (2n * old);
  const sign = tenths === 0n ? '' : change < 0n ? '-' : '+';
  return `${sign}${tenths / 10n}.${tenths % 10n}`;
}

/** Both prices of one unit as whole numbers of one scale. */
function comparable(before: Rate, after: Rate): { readonly old: bigint; readonly next: bigint } {
  const [a, b] = [parseDecimal(before.usd), parseDecimal(after.usd)];
  return {
    old: a.mantissa * 10n ** BigInt(b.scale) * BigInt(after.per),
    next: b.mantissa * 10n ** BigInt(a.scale) * BigInt(before.per),
  };
}
