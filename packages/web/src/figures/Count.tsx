import { formatCount, formatCountExact } from '../format/count.ts';

/** A count: short on screen, exact on hover. */
export function Count({ of }: { readonly of: number }) {
  return (
    <data value={of} title={formatCountExact(of)}>
      {formatCount(of)}
    </data>
  );
}
