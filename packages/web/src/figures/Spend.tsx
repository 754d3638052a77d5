/** The cost of several requests: unknown if none has a price, "at least" the known sum if some have none. */
import { formatCount } from '../format/count.ts';
import { Amount } from './Amount.tsx';
import styles from './Spend.module.css';

interface Requests {
  readonly requests: number;
  readonly unpricedRequests: number;
}

/** Whether there are requests and none of them has a price. */
export const hasNoPrice = ({ requests, unpricedRequests }: Requests): boolean =>
  requests > 0 && unpricedRequests === requests;

/** The cost of requests as the API sums it: requests without a price add nothing. */
export interface Spending extends Requests {
  readonly costUsd: string;
}

interface SpendProps {
  readonly of: Spending;
  /** The decimals of its column (`columnDecimals`). */
  readonly decimals: number;
}

export function Spend({ of, decimals }: SpendProps) {
  const { costUsd, requests, unpricedRequests } = of;
  if (hasNoPrice(of)) {
    return (
      <Amount
        usd={null}
        unknownBecause={`No price is known for any of its ${formatCount(requests)} requests`}
      />
    );
  }
  return (
    <>
      <Amount usd={costUsd} decimals={decimals} />
      {unpricedRequests > 0 ? (
        <abbr
          className={styles['atLeast']}
          title={`At least: ${formatCount(unpricedRequests)} of ${formatCount(requests)} requests have no price`}
        >
          +
        </abbr>
      ) : null}
    </>
  );
}
