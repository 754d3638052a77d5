/** Unpriced requests are never hidden in a total: this notice counts them and links to them. */
import { Link } from '@tanstack/react-router';
import type { ApiOutputs } from '../api.ts';
import { Notice } from '../elements/Notice.tsx';
import { formatCountExact } from '../format/count.ts';

export function UnpricedNotice({ cards }: { readonly cards: ApiOutputs['overview']['cards'] }) {
  const count = cards.range.unpricedRequests;
  if (count === 0) return null;
  return (
    <Notice>
      <strong>
        {formatCountExact(count)} {count === 1 ? 'request has' : 'requests have'} no price.
      </strong>{' '}
      They are counted, but not in any sum of money here.{' '}
      <Link to="/requests" search={(previous) => ({ ...previous, unpriced: true as const })}>
        See which
      </Link>
    </Notice>
  );
}
