/** Spend over time, stacked by one dimension. */
import { printUsd } from '@farthing/pricing';
import type { Bucket } from '../clock/buckets.ts';
import type { Interval } from '../clock/interval.ts';
import { toRfc3339 } from '../clock/interval.ts';
import { DAY_MS } from '../clock/lengths.ts';
import type { CostAnswer, CostCell, Dimension } from '../costs/cost-query.ts';
import type { SumsOf } from '../costs/measures.ts';
import { runCostQuery } from '../costs/run-cost-query.ts';
import type { CostScope } from '../costs/scope.ts';
import { NO_SUMS } from '../costs/sums.ts';
import type { OverviewSeries, OverviewSeriesInput, SeriesBucket, SeriesGroup } from './overview.ts';
import { comparedPeriodOf, overviewRange } from './range.ts';

export async function readOverviewSeries(
  scope: CostScope,
  input: OverviewSeriesInput,
  now: number,
): Promise<OverviewSeries> {
  const range = overviewRange(scope, input, now);
  const bucket = input.bucket ?? bucketFor(range);
  const query = {
    from: range.from,
    to: range.to,
    timezone: range.timezone,
    bucket,
    filters: input.filters ?? {},
    measures: ['cost', 'requests'],
    rankBy: 'cost',
    limit: input.limit,
  } as const;
  const answer = await runCostQuery(scope, { ...query, groupBy: dimensionsFor(input.by), compare: null });
  // Only the total is compared with its past: reading the past of every group would take as long again.
  const compared = input.compare
    ? await runCostQuery(scope, { ...query, groupBy: [], compare: range.compare })
    : answer;
  return {
    by: input.by,
    bucket,
    timezone: answer.timezone,
    from: toRfc3339(answer.from),
    to: toRfc3339(answer.to),
    buckets: seriesBuckets(compared, now),
    groups: answer.groups.map((group) => seriesGroup(group, ...identityOf(group.values))),
    other: answer.other === null ? null : seriesGroup(answer.other, 'other', null),
    groupCount: answer.groupCount,
    totalCostUsd: printUsd(answer.total.sums.costPicos),
    previous: compared.previous === null ? null : comparedPeriodOf(compared),
  };
}

/** The bucket that gives a chart between about 24 and 100 bars. */
export function bucketFor({ from, to }: Interval): Bucket {
  const days = (to - from) / DAY_MS;
  if (days <= 2) return 'hour';
  if (days <= 92) return 'day';
  return days <= 370 ? 'week' : 'month';
}

/** A model is shown with its provider, since two providers may serve the same name at different prices. */
export function dimensionsFor(by: Dimension): readonly Dimension[] {
  return by === 'model' ? ['model', 'provider'] : [by];
}

/** Key and, for models, provider of a group made by {@link dimensionsFor}. */
export function identityOf(values: readonly string[]): [key: string, provider: string | null] {
  return [values[0] ?? '', values[1] ?? null];
}

function seriesBuckets(answer: CostAnswer<SumsOf<'cost'>>, now: number): SeriesBucket[] {
  return answer.buckets.map((span, index) => {
    const sums = answer.total.series[index] ?? NO_SUMS;
    const previous = answer.total.previousSeries[index];
    return {
      label: span.label,
      start: toRfc3339(span.start),
      end: toRfc3339(span.end),
      partial: span.wholeEnd > now,
      costUsd: printUsd(sums.costPicos),
      requests: sums.requests,
      previousCostUsd: previous === undefined ? null : printUsd(previous.costPicos),
    };
  });
}

function seriesGroup(cell: CostCell<SumsOf<'cost'>>, key: string, provider: string | null): SeriesGroup {
  return {
    key,
    provider,
    costUsd: printUsd(cell.sums.costPicos),
    costsUsd: cell.series.map((sums) => printUsd(sums.costPicos)),
    requests: cell.series.map((sums) => sums.requests),
  };
}
