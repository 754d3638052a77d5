/** Prices that look wrong are not taken over without a yes. */
import { AppError } from '@farthing/contract';
import type { PriceChange } from '../../price-book/price-changes.ts';

/** Most changes in one answer. */
const SHOWN = 500;

/** Refuses changes of which any needs a yes; the answer names them, the doubtful ones first. */
export function refuseUnconfirmed(changes: readonly PriceChange[], confirmed: boolean): void {
  const doubtful = changes.filter((change) => change.problem !== null);
  if (confirmed || doubtful.length === 0) return;
  throw new AppError(
    'conflict',
    `${doubtful.length} of ${changes.length} price changes need a yes. Look at them and send "confirm": true; what is no price is left out then.`,
    { details: { doubtful: doubtful.length, changes: doubtfulFirst(changes) } },
  );
}

export function doubtfulFirst(changes: readonly PriceChange[]): readonly PriceChange[] {
  const doubtful = changes.filter((change) => change.problem !== null);
  return [...doubtful, ...changes.filter((change) => change.problem === null)].slice(0, SHOWN);
}
