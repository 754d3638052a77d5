/** `GET /api/cost/summary`: sums over a range, grouped and filtered. */
import { z } from 'zod';
import { dimensionInput, filtersInput, MAX_GROUP_BY, MAX_GROUPS } from '../../costs/cost-query.ts';
import { withScope } from '../../costs/with-scope.ts';
import { parseParameters } from '../../http/bodies/parse.ts';
import { readableTenant } from '../../http/callers/access.ts';
import { exactNumber } from '../../http/money.ts';
import { readSummary, type SummaryGroup } from '../../overview/summary.ts';
import { endpoint } from '../endpoint.ts';
import {
  filterParameters,
  integerParameter,
  rangeParameters,
  tagFilters,
  toFilters,
} from '../query-parameters.ts';
import { count, instant, usdNumber } from '../schemas.ts';
import { groupFigures } from './figure-schemas.ts';

const groupBy = z
  .string()
  .max(1100)
  .transform((text) => text.split(','))
  .pipe(
    z
      .array(dimensionInput)
      .max(MAX_GROUP_BY)
      .refine((names) => new Set(names).size === names.length, 'names a dimension twice'),
  )
  .default(['model'])
  .meta({ description: 'One dimension, or several with commas between; `model` where absent.' });

export const getCostSummary = endpoint({
  access: 'usage:read',
  summary: 'Sums over a range, grouped and filtered.',
  description:
    'This month up to today where no range is given. A filter given twice means either value; an empty one means "has none". With several dimensions each group also has `keys`. Where the limit leaves groups out, `other` holds their number and sums: groups and other are the total.',
  tags: ['costs'],
  etag: true,
  query: z.strictObject({
    ...rangeParameters,
    ...filterParameters,
    group_by: groupBy,
    limit: integerParameter(1, MAX_GROUPS)
      .default(100)
      .meta({ description: 'Groups named, the dearest first.' }),
  }),
  queryTags: tagFilters,
  answer: z.object({
    from: instant,
    to: instant,
    timezone: z.string(),
    total_cost: usdNumber,
    total_requests: count,
    input_tokens: count,
    output_tokens: count,
    total_tokens: count,
    unpriced_requests: count,
    groups: z.array(
      z.object({
        key: z.string().meta({ description: 'The value of the dimension; several with " / " between.' }),
        keys: z.record(z.string(), z.string()).optional(),
        ...groupFigures,
      }),
    ),
    other: z.object({ groups: count, ...groupFigures }).optional(),
  }),
  examples: [
    { name: 'this month by model' },
    {
      name: 'a week of one team, by agent and model',
      query: { from: '2026-11-16', to: '2026-11-22', group_by: 'agent,model' },
      queryTags: { team: 'search' },
    },
    { name: 'the dearest user', query: { group_by: 'user', limit: '1' } },
  ],
  async handle({ context: { db, now }, identity, query, queryTags }) {
    const filters = parseParameters(filtersInput, toFilters(query, queryTags));
    const tenant = readableTenant(identity, query.tenant);
    const { from, to, timezone, limit, group_by: groupBy } = query;
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
});

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
