/** Common to the lists by dimension: parameters, figures of an entry, and the step from a summary to an answer. */

import type { z } from 'zod';
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

/** Parameters of every list by dimension; `tag.<key>` filters are taken too. */
export const breakdownQuery = {
  ...rangeParameters,
  ...filterParameters,
  limit: integerParameter(1, MAX_GROUPS)
    .default(100)
    .meta({ description: 'Entries, the dearest first; what lies below is summed as `other`.' }),
};

/** The caller's parameters, as parsed. */
interface AskedBreakdown {
  readonly identity: Identity;
  readonly query: z.output<z.ZodObject<typeof breakdownQuery>>;
  readonly queryTags: z.output<typeof tagFilters>;
}

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
