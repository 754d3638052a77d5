/** Everything there is. Day rollups hold it whatever the zone, since no day is cut. */

import { EARLIEST, type Interval, LATEST } from '../clock/interval.ts';
import type { SumsOf } from './measures.ts';
import { queryPrepared } from './postgres/prepared.ts';
import type { InsightScope } from './scope.ts';
import { sumPeriods } from './sum-periods.ts';

const MEASURES = ['cost', 'requests', 'unpriced_requests'] as const;

/** The period that holds every event. */
export const ALL_TIME: Interval = { from: EARLIEST, to: LATEST };

export interface AllTime {
  readonly sums: SumsOf<(typeof MEASURES)[number]>;
  /** Day of the earliest event in its tenant's reporting zone, `2026-11-22`; null without events. */
  readonly since: string | null;
}

export async function readAllTime(scope: InsightScope): Promise<AllTime> {
  const [sums] = await sumPeriods(scope, { periods: [ALL_TIME], filters: {}, measures: MEASURES });
  if (sums === undefined) throw new Error('a period was not answered');
  return { sums, since: await readSince(scope) };
}

/** Day of the earliest event in its tenant's reporting zone; null without events. */
export async function readSince(scope: InsightScope): Promise<string | null> {
  const { rows } = await queryPrepared<{ since: string | null }>(
    scope.tx,
    `select min(bucket) as since from unnest($1::text[]) as member (tenant) cross join lateral (
       select bucket from rollups_day where tenant_id = member.tenant and dimension = 'all'
        order by bucket limit 1) as first`,
    [scope.tenants.map((tenant) => tenant.id)],
  );
  return rows[0]?.since ?? null;
}
