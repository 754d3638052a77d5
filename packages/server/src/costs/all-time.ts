/** Everything there is. */

import { EARLIEST, type Interval, LATEST } from '../clock/interval.ts';
import type { SumsOf } from './measures.ts';
import type { CostScope } from './scope.ts';
import { sumPeriods } from './sum-periods.ts';

const MEASURES = ['cost', 'requests', 'unpriced_requests'] as const;

/** The period that holds every event. */
export const ALL_TIME: Interval = { from: EARLIEST, to: LATEST };

export interface AllTime {
  readonly sums: SumsOf<(typeof MEASURES)[number]>;
  /** Day of the earliest event in its tenant's reporting zone, `2026-11-22`; null without events. */
  readonly since: string | null;
}

export async function readAllTime(scope: CostScope): Promise<AllTime> {
  const [sums] = await sumPeriods(scope, { periods: [ALL_TIME], filters: {}, measures: MEASURES });
  if (sums === undefined) throw new Error('a period was not answered');
  return { sums, since: await readSince(scope) };
}

/** Day of the earliest event in its tenant's reporting zone; null without events. */
export const readSince = ({ costs, tenants }: CostScope): Promise<string | null> => costs.firstDay(tenants);
