/** Today, this week and this month, in total, by tenant and by model. */
import { startOf, startOfNext } from '../clock/buckets.ts';
import type { Interval } from '../clock/interval.ts';
import type { CostAnswer, Dimension } from '../costs/cost-query.ts';
import { runCostQuery } from '../costs/run-cost-query.ts';
import type { CostScope } from '../costs/scope.ts';
import type { Sums } from '../costs/sums.ts';

export const WINDOWS = ['day', 'week', 'month'] as const;
export type Window = (typeof WINDOWS)[number];

export interface UsageWindow extends Interval {
  readonly total: Sums;
  readonly tenants: Ranked;
  readonly models: Ranked;
}

/** The leading groups, the dearest first, and the sum of the others. */
export interface Ranked {
  readonly groups: readonly { readonly values: readonly string[]; readonly sums: Sums }[];
  readonly other: Sums | null;
  readonly groupCount: number;
}

export interface UsageWindows {
  readonly timezone: string;
  readonly windows: { readonly [W in Window]: UsageWindow };
}

/** Whole days, weeks (from Monday on) and months of the zone: they hold whatever the ledger has for them. */
export async function readUsageWindows(
  scope: CostScope,
  asked: { readonly timezone?: string | undefined; readonly limit: number },
  now: number,
): Promise<UsageWindows> {
  const timezone = asked.timezone ?? scope.timezone;
  const read = (window: Window) => readWindow(scope, { window, timezone, limit: asked.limit }, now);
  return {
    timezone,
    windows: { day: await read('day'), week: await read('week'), month: await read('month') },
  };
}

async function readWindow(
  scope: CostScope,
  { window, timezone, limit }: { readonly window: Window; readonly timezone: string; readonly limit: number },
  now: number,
): Promise<UsageWindow> {
  const from = startOf(window, now, timezone);
  const to = startOfNext(window, now, timezone);
  const ask = (groupBy: readonly Dimension[]) =>
    runCostQuery(scope, {
      from,
      to,
      timezone,
      bucket: null,
      groupBy,
      filters: {},
      rankBy: 'cost',
      compare: null,
      limit,
    });
  const tenants = await ask(['tenant']);
  return {
    from,
    to,
    total: tenants.total.sums,
    tenants: ranked(tenants),
    models: ranked(await ask(['provider', 'model'])),
  };
}

const ranked = ({ groups, other, groupCount }: CostAnswer): Ranked => ({
  groups: groups.map(({ values, sums }) => ({ values, sums })),
  other: other?.sums ?? null,
  groupCount,
});
