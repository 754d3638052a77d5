/** An amount of money: short on screen, every digit on hover and when copied. */
import { formatUsd, formatUsdExact, formatUsdIn } from '../format/money.ts';

interface AmountProps {
  /** Decimal USD; null = not priced. */
  readonly usd: string | null;
  /** In a column: the decimals of the column (`columnDecimals`). */
  readonly decimals?: number;
  /** Why there is no amount; shown on hover. */
  readonly unknownBecause?: string;
}

export function Amount({ usd, decimals, unknownBecause = 'No price is known for this yet' }: AmountProps) {
  if (usd === null) return <span title={unknownBecause}>—</span>;
  return (
    <data value={usd} title={formatUsdExact(usd)}>
      {decimals === undefined ? formatUsd(usd) : formatUsdIn(usd, decimals)}
    </data>
  );
}
