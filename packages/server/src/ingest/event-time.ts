/** When an event happened, within what the ledger keeps. */
import { LATEST_AHEAD_MS } from '@farthing/pricing/extract';
import { RejectionError } from '../tenants/attribution/rejection-error.ts';

/** Unix milliseconds; partitions and price cards begin here. */
const EARLIEST_TIME = Date.UTC(2020, 0, 1);

/** A time the caller stated. @throws RejectionError `time_out_of_range`. */
export function givenTime(time: number, now: number, path: string): number {
  if (time >= EARLIEST_TIME && time <= now + LATEST_AHEAD_MS) return time;
  throw new RejectionError(
    'time_out_of_range',
    'The time must lie between 2020-01-01 and 24 hours from now.',
    path,
  );
}
