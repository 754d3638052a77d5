/** What the routes of one threshold have in common. */
import { AppError } from '@farthing/contract';
import { z } from 'zod';

export const thresholdPath = z.strictObject({ id: z.string().min(1).max(64) });

/** The threshold, or 404: one of another tenant is answered as one that does not exist. */
export function found<One>(threshold: One | null): One {
  if (threshold === null) throw new AppError('not_found', 'There is no such threshold.');
  return threshold;
}
