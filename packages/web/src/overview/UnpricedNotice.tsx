/** Unpriced requests are never hidden in a total: they are said, with the way to them. */
import { IconAlertTriangle } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import type { ApiOutputs } from '../api.ts';
import { formatCountExact } from '../format/count.ts';

export function UnpricedNotice({ cards }: { readonly cards: ApiOutputs['overview']['cards'] }) {
  const count = cards.range.unpricedRequests;
  if (count === 0) return null;
  return (
    <div className="notice">
      <IconAlertTriangle size={18} aria-hidden />
      <div>
        <strong>
          {formatCountExact(count)} {count === 1 ? 'request has' : 'requests have'} no price.
        </strong>{' '}
        They are counted, but not in any sum of money here.{' '}
        <Link to="/requests" search={(previous) => ({ ...previous, unpriced: true as const })}>
          See which
        </Link>
      </div>
    </div>
  );
}
