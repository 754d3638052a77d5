/** `GET /api/cost/trends`: day by day, month to date, projection. */
import { z } from 'zod';
import { filtersInput } from '../../costs/cost-query.ts';
import { withScope } from '../../costs/with-scope.ts';
import { parseParameters } from '../../http/bodies/parse.ts';
import { readableTenant } from '../../http/callers/access.ts';
import { exactNumber } from '../../http/money.ts';
import { MAX_TREND_DAYS, readTrends } from '../../overview/trends.ts';
import { endpoint } from '../endpoint.ts';
import {
  filterParameters,
  integerParameter,
  rangeParameters,
  tagFilters,
  toFilters,
} from '../query-parameters.ts';
import { count, day, usdNumber } from '../schemas.ts';

export const getCostTrends = endpoint({
  access: 'usage:read',
  summary: 'Day by day, with the month to date and its projection.',
  description:
    'Every day up to today, 0 where nothing happened; today carries `partial`. The average is that of the complete days listed, from the first with an event on.',
  tags: ['costs'],
  etag: true,
  query: z.strictObject({
    tenant: rangeParameters.tenant,
    timezone: rangeParameters.timezone,
    days: integerParameter(1, MAX_TREND_DAYS)
      .default(30)
      .meta({ description: 'Days listed, today included.' }),
    ...filterParameters,
  }),
  queryTags: tagFilters,
  answer: z.object({
    timezone: z.string(),
    days: z.array(
      z.object({
        date: day,
        total_cost: usdNumber,
        operation_count: count,
        input_tokens: count,
        output_tokens: count,
        partial: z.boolean(),
      }),
    ),
    month_to_date: usdNumber,
    average_daily_cost: usdNumber,
    projected_monthly_cost: usdNumber,
    confidence: z.enum(['high', 'medium', 'low']),
  }),
  examples: [
    { name: 'thirty days' },
    { name: 'a week of one model', query: { days: '7', model: 'gpt-5.2' } },
  ],
  async handle({ context: { db, now }, identity, query, queryTags }) {
    const filters = parseParameters(filtersInput, toFilters(query, queryTags));
    const tenant = readableTenant(identity, query.tenant);
    const { days, timezone } = query;
    const trends = await withScope(db, tenant, (scope) =>
      readTrends(scope, { days, timezone, filters }, now()),
    );
    return {
      timezone: trends.timezone,
      days: trends.days.map((day) => ({
        date: day.date,
        total_cost: exactNumber(day.costUsd),
        operation_count: day.sums.requests,
        input_tokens: day.sums.inputTokens,
        output_tokens: day.sums.outputTokens,
        partial: day.partial,
      })),
      month_to_date: exactNumber(trends.monthToDateUsd),
      average_daily_cost: exactNumber(trends.averageDailyUsd),
      projected_monthly_cost: exactNumber(trends.projectedMonthlyUsd),
      confidence: trends.confidence,
    };
  },
});
