/** How the cost of a request came to be what it is; an unchanged cost has no history to show. */

import { Amount } from '../figures/Amount.tsx';
import { formatInstant } from '../format/time.ts';
import type { OpenedEvent } from './types.ts';

interface HistoryProps {
  readonly adjustments: OpenedEvent['adjustments'];
  readonly timezone: string;
}

export function History({ adjustments, timezone }: HistoryProps) {
  if (adjustments.length === 0) return null;
  return (
    <>
      <h3>History of this cost</h3>
      <ul>
        {adjustments.map((entry) => (
          <li key={entry.at}>
            {formatInstant(entry.at, timezone)}: <Amount usd={entry.old_cost_usd} /> →{' '}
            <Amount usd={entry.new_cost_usd} />, {entry.reason} ({entry.actor})
          </li>
        ))}
      </ul>
    </>
  );
}
