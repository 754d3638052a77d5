/** Prices that look wrong are not taken over without a yes. */

import { AppError, type PriceDoubts } from '@farthing/contract';
import { doubtfulFirst, UnconfirmedError } from '../../../price-book/changes/confirmation.ts';
import type { PriceChange } from '../../../price-book/changes/rate-changes.ts';
import { BadTableError } from '../../../price-book/refresh/read-table.ts';

/** Most changes in one answer. */
const SHOWN = 500;

/** Those that need a yes first, as many as an answer holds. */
export const shown = (changes: readonly PriceChange[]): PriceChange[] =>
  doubtfulFirst(changes).slice(0, SHOWN);

/** Runs `work`. An unconfirmed change and an unusable table both become a `conflict`; nothing was changed then. */
export async function guarded<Result>(work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof UnconfirmedError) throw refusal(error);
    if (error instanceof BadTableError) {
      throw new AppError('conflict', `${error.message} The prices in force were kept.`);
    }
    throw error;
  }
}

function refusal({ message, changes, needs }: UnconfirmedError): AppError {
  const kinds = Object.keys(needs);
  const doubtful = changes.filter((change) => change.problem !== null).length;
  return new AppError(
    'conflict',
    `${message} Look at them and send "confirm": ${JSON.stringify(kinds)}, or true for all; what is no price is left out then.`,
    { details: { doubtful, needs, changes: shown(changes) } satisfies PriceDoubts },
  );
}
