/**
 * Which change of a price looks wrong and needs a confirmation: a price that is gone, one that becomes 0, and a jump of
 * more than {@link JUMP_PERCENT} (in the contract, which the command line reads too). Pure.
 */
import { JUMP_PERCENT, type PriceProblem } from '@farthing/contract';
import { parseDecimal, type Rate } from '@farthing/pricing';
import { comparable, percentOf } from './unit-prices.ts';

/**
 * What is wrong with `next` in the place of `old`, in every step of long context; a problem of null needs no yes.
 * `undefined` = no such rate. The message may say something about a change without a problem.
 */
export function judged(
  old: Rate | undefined,
  next: Rate | undefined,
): { readonly problem: PriceProblem | null; readonly message: string | null } {
  if (old === undefined) return { problem: null, message: null };
  if (next === undefined) return { problem: 'vanished', message: 'the price would be gone' };
  const pairs = [[old, next], ...stepPairs(old, next)] as const;
  if (pairs.some(([a, b]) => !isZero(a) && isZero(b)))
    return { problem: 'zero', message: 'something that costs would be free' };
  if (pairs.some(([a, b]) => isJump(a, b))) {
    return { problem: 'jump', message: `more than ${JUMP_PERCENT} % away from the price in force` };
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

const isZero = ({ usd }: Rate) => parseDecimal(usd).mantissa === 0n;

/** True if the price of a unit changes by more than {@link JUMP_PERCENT} of the old one; exactly that much is none. */
function isJump(before: Rate, after: Rate): boolean {
  const { old, next } = comparable(before, after);
  const change = next > old ? next - old : old - next;
  return 100n * change > BigInt(JUMP_PERCENT) * old;
}
