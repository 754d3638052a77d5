/** Two rates compared by the price of one unit, exactly. Pure. */
import { parseDecimal, type Rate } from '@farthing/pricing';

/** The change of the price of one unit in per cent, to a tenth: "+12.5"; null where it was 0 and is no longer. */
export function percentOf(before: Rate, after: Rate): string | null {
  const { old, next } = comparable(before, after);
  if (old === 0n) return next === 0n ? '0.0' : null;
  const change = next - old;
  const size = change < 0n ? -change : change;
  const tenths = (size * 2000n + old) / (2n * old);
  const sign = tenths === 0n ? '' : change < 0n ? '-' : '+';
  return `${sign}${tenths / 10n}.${tenths % 10n}`;
}

/** Both prices of one unit as whole numbers of one scale. */
export function comparable(before: Rate, after: Rate): { readonly old: bigint; readonly next: bigint } {
  const [a, b] = [parseDecimal(before.usd), parseDecimal(after.usd)];
  return {
    old: a.mantissa * 10n ** BigInt(b.scale) * BigInt(after.per),
    next: b.mantissa * 10n ** BigInt(a.scale) * BigInt(before.per),
  };
}
