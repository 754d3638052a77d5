/** `GET /api/cost/summary`: sums over a range, grouped and filtered. */
import { z } from 'zod';
import { identityOf, readableTenant } from '../../http/access.ts';
import { exactNumber } from '../../http/money.ts';
import { parseParameters } from '../../http/parse.ts';
import { dimensionInput, filtersInput, MAX_GROUP_BY, MAX_GROUPS } from '../../insights/cost-query.ts';
import { withScope } from '../../insights/scope.ts';
import { readSummary, type SummaryGroup } from '../../insights/summary.ts';
import type { Endpoint } from '../endpoint.ts';
import {
  filterParameters,
  integerParameter,
  rangeParameters,
  splitTags,
  toFilters,
} from '../query-parameters.ts';

const parameters = z.strictObject({
  ...rangeParameters,
  ...filterParameters,
  /** One dimension, or several with commas between. */
  group_by: z
    .string()
    .max(1100)
    .transform((text) => text.split(','))
    .pipe(
      z
        .array(dimensionInput)
        .max(MAX_GROUP_BY)
        .refine((names) => new Set(names).size === names.length, 'names a dimension twice'),
    )
    .default(['model']),
  limit: integerParameter(1, MAX_GROUPS).default(100),
});

export const getCostSummary: Endpoint = {
  access: 'tenant',
  async handle({ db, now }, request) {
    const { plain, tags } = splitTags(request.query);
    const asked = parseParameters(parameters, plain);
    const filters = parseParameters(filtersInput, toFilters(asked, tags));
    const tenant = readableTenant(identityOf(request), asked.tenant);
    const { from, to, timezone, limit, group_by: groupBy } = asked;
    const summary = await withScope(db, tenant, (scope) =>
      readSummary(scope, { from, to, timezone, groupBy, filters, limit }, now()),
    );
    const { total, other } = summary;
    return {
      from: summary.from,
      to: summary.to,
      timezone: summary.timezone,
      total_cost: exactNumber(summary.totalCostUsd),
      total_requests: total.requests,
      input_tokens: total.inputTokens,
      output_tokens: total.outputTokens,
      total_tokens: total.inputTokens + total.outputTokens,
      unpriced_requests: total.unpricedRequests,
      groups: summary.groups.map((group) => ({
        key: group.values.join(' / '),
        ...(groupBy.length > 1
          ? { keys: Object.fromEntries(groupBy.map((name, index) => [name, group.values[index] ?? ''])) }
          : {}),
        ...figures(group),
      })),
      // Only where the limit left groups out: the groups and this sum to the total.
      ...(other === null
        ? {}
        : { other: { groups: summary.groupCount - summary.groups.length, ...figures(other) } }),
    };
  },
};

function figures({ sums, costUsd, sharePct }: Omit<SummaryGroup, 'values'>) {
  return {
    total_cost: exactNumber(costUsd),
    requests: sums.requests,
    input_tokens: sums.inputTokens,
    output_tokens: sums.outputTokens,
    unpriced_requests: sums.unpricedRequests,
    share_pct: sharePct,
  };
}
