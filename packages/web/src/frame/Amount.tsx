/** An amount of money: short on screen, every digit on hover and when copied. */
import { formatUsd, formatUsdExact } from '../format/money.ts';

interface AmountProps {
  /** Decimal USD; null = not priced. */
  readonly usd: string | null;
  /** Why there is no amount; shown on hover. */
  readonly unknownBecause?: string;
}

export function Amount({ usd, unknownBecause = 'No price is known for this yet' }: AmountProps) {
  if (usd === null) return <span title={unknownBecause}>—</span>;
  return (
    <data value={usd} title={formatUsdExact(usd)}>
      {formatUsd(usd)}
    </data>
  );
}
