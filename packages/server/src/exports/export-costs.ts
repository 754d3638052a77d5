/** The answer of a `CostQuery` as a file: one short query a bucket, so that no answer is held as a whole. */

import type { Bucket, BucketSpan } from '../clock/buckets.ts';
import type { Interval } from '../clock/interval.ts';
import { toRfc3339 } from '../clock/interval.ts';
import { dimensionsOf } from '../costs/cost-plan.ts';
import type { CostFilters, Dimension } from '../costs/cost-query.ts';
import type { Measure } from '../costs/measures.ts';
import { checkCostQuery, runCostQuery } from '../costs/run-cost-query.ts';
import type { CostScope } from '../costs/scope.ts';
import { withScope } from '../costs/with-scope.ts';
import type { Database } from '../db/database.ts';
import { type AskedRange, resolveBuckets } from '../parameters/time-range.ts';
import type { CostRow } from './cost-columns.ts';
import type { PageReader } from './desk.ts';
import type { PreparedExport } from './export-events.ts';
import { exportRange } from './export-range.ts';
import { type KeptRange, keptRange, leastKept, markedIn } from './past-retention.ts';

export interface CostExport extends AskedRange {
  /** Null: every tenant's. */
  readonly tenant: string | null;
  readonly timezone: string | undefined;
  readonly bucket: Bucket | null;
  readonly groupBy: readonly Dimension[];
  readonly filters: CostFilters;
  readonly measures: readonly Measure[];
  /** Groups named in a bucket; the rest is one row. */
  readonly limit: number;
}

/** A bucket, or the whole range without a label. */
type Span = Pick<BucketSpan, 'start' | 'end'> & { readonly label: string | null };

/**
 * Rows bucket by bucket, in each the dearest groups first, then one row that sums those below the limit: the rows of a
 * bucket sum to its total. A bucket without calls has no row.
 */
export async function exportCosts(
  { db, read, now }: { readonly db: Database; readonly read: PageReader; readonly now: number },
  asked: CostExport,
): Promise<PreparedExport<CostRow>> {
  const { tenant, bucket, groupBy, filters, measures, limit } = asked;
  const { range, timezone, spans, queryOf } = await withScope(db, tenant, async (scope) => {
    const zone = asked.timezone ?? scope.timezone;
    const whole = answerable(scope, asked, exportRange(asked, zone, now), zone);
    const query = { timezone: zone, bucket: null, groupBy, filters, measures, limit, compare: null };
    const asOne = (span: Span) => ({ ...query, from: span.start, to: span.end, rankBy: 'cost' as const });
    const all: readonly Span[] =
      bucket === null
        ? [{ label: null, start: whole.from, end: whole.to }]
        : resolveBuckets(whole, zone, bucket);
    // Refuse before the first byte is sent: an error in any bucket must not cut a file short.
    for (const span of all) checkCostQuery(scope, asOne(span));
    return { range: whole, timezone: zone, spans: all, queryOf: asOne };
  });

  function page(span: Span): Promise<CostRow[]> {
    const { label, start, end } = span;
    return withScope(db, tenant, async (scope) => {
      const { groups, other, groupCount, total } = await runCostQuery(scope, queryOf(span));
      const place = { bucket: label, from: toRfc3339(start), to: toRfc3339(end) };
      const named =
        groupBy.length > 0
          ? groups.map(({ values, sums }) => ({ ...place, values, groups: 1, sums }))
          : total.sums.requests > 0
            ? [{ ...place, values: [], groups: 1, sums: total.sums }]
            : [];
      return other === null
        ? named
        : [...named, { ...place, values: null, groups: groupCount - groups.length, sums: other.sums }];
    });
  }
  async function* pages(): AsyncGenerator<readonly CostRow[]> {
    for (const span of spans) yield await read(() => page(span));
  }
  return { range, timezone, pages: pages() };
}

/**
 * Without an explicit `from`, clip a range that is answered from events to what the tenant still keeps, even if it
 * never had events below the watermark. With an explicit `from`, let the planner refuse it.
 */
function answerable(
  { costs, tenants }: CostScope,
  asked: CostExport,
  range: Interval,
  timezone: string,
): KeptRange {
  const bySums = costs.outlivesEvents(dimensionsOf(asked));
  const least = bySums || asked.from !== undefined ? null : leastKept(markedIn(tenants, range));
  return keptRange(range, asked, least, timezone);
}
