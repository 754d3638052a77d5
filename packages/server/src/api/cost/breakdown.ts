/** What the lists by dimension have in common: parameters, the figures of an entry, how a summary becomes an answer. */
import { z } from 'zod';
import type { AppContext } from '../../context.ts';
import { type Dimension, filtersInput, MAX_GROUPS } from '../../costs/cost-query.ts';
import type { Sums } from '../../costs/sums.ts';
import { withScope } from '../../costs/with-scope.ts';
import { parseParameters } from '../../http/bodies/parse.ts';
import { readableTenant } from '../../http/callers/access.ts';
import { exactNumber } from '../../http/money.ts';
import { type CostSummary, readSummary, type SummaryGroup } from '../../overview/summary.ts';
import type { Identity } from '../../tenants/identity.ts';
import {
  filterParameters,
  integerParameter,
  rangeParameters,
  type tagFilters,
  toFilters,
} from '../query-parameters.ts';
import { count, instant, sharePct, usdNumber } from '../schemas.ts';

/** Parameters of every list by dimension; `tag.<key>` filters are taken too. */
export const breakdownQuery = {
  ...rangeParameters,
  ...filterParameters,
  limit: integerParameter(1, MAX_GROUPS)
    .default(100)
    .meta({ description: 'Entries, the dearest first; what lies below is summed as `other`.' }),
};

/** Figures of an entry, of `other` and of `total`. */
export const entryFigures = {
  cost_usd: usdNumber,
  operation_count: count,
  input_tokens: count,
  output_tokens: count,
  total_tokens: count,
  unpriced_requests: count,
};

/** The shape of such an answer; `entries` is the name of its list, `entry` what an entry has besides its figures. */
export const breakdownAnswer = <const Name extends string, Entry extends z.ZodRawShape>(
  entries: Name,
  entry: Entry,
) => {
  const list = z.array(z.object({ ...entry, ...entryFigures, share_pct: sharePct }));
  return z.object({
    from: instant,
    to: instant,
    timezone: z.string(),
    total: z.object(entryFigures),
    ...({ [entries]: list } as { readonly [N in Name]: typeof list }),
    other: z.object({ entries: count, ...entryFigures, share_pct: sharePct }).optional(),
  });
};

/** Value of a dimension; null stands for events without one. */
export const dimensionValue = z
  .string()
  .nullable()
  .meta({ description: 'Null stands for the calls that have none.' });

/** The caller's parameters, as parsed. */
export interface AskedBreakdown {
  readonly identity: Identity;
  readonly query: z.output<ReturnType<typeof breakdownParameters>>;
  readonly queryTags: z.output<typeof tagFilters>;
}

/** The parameters as a schema, for the type of {@link AskedBreakdown}. */
export const breakdownParameters = () => z.strictObject(breakdownQuery);

/** Asks for a list; `groupBy` are the dimensions of an entry. */
export function readBreakdown(
  { db, now }: AppContext,
  { identity, query, queryTags }: AskedBreakdown,
  groupBy: readonly Dimension[],
): Promise<CostSummary> {
  const filters = parseParameters(filtersInput, toFilters(query, queryTags));
  const tenant = readableTenant(identity, query.tenant);
  const { from, to, timezone, limit } = query;
  return withScope(db, tenant, (scope) =>
    readSummary(scope, { from, to, timezone, groupBy, filters, limit }, now()),
  );
}

/** The parts of the answer that do not depend on the dimension. */
export function breakdownFrame(summary: CostSummary) {
  const { from, to, timezone, total, totalCostUsd, groups, groupCount, other } = summary;
  return {
    from,
    to,
    timezone,
    total: figures(total, totalCostUsd),
    ...(other === null ? {} : { other: { entries: groupCount - groups.length, ...shareFigures(other) } }),
  };
}

/** Figures of an entry. */
export const shareFigures = ({ sums, costUsd, sharePct: share_pct }: Omit<SummaryGroup, 'values'>) => ({
  ...figures(sums, costUsd),
  share_pct,
});

function figures(sums: Sums, costUsd: string) {
  return {
    cost_usd: exactNumber(costUsd),
    operation_count: sums.requests,
    input_tokens: sums.inputTokens,
    output_tokens: sums.outputTokens,
    total_tokens: sums.inputTokens + sums.outputTokens,
    unpriced_requests: sums.unpricedRequests,
  };
}

/** The first value of a group; null where the calls have none. */
export const entryValue = ({ values }: SummaryGroup): string | null => values[0] || null;
