/** `GET /api/cost/trends`: day by day, month to date, projection. */
import { z } from 'zod';
import { identityOf, readableTenant } from '../../http/access.ts';
import { exactNumber } from '../../http/money.ts';
import { parseParameters } from '../../http/parse.ts';
import { filtersInput } from '../../insights/cost-query.ts';
import { tenantInput, withScope } from '../../insights/scope.ts';
import { timeZoneInput } from '../../insights/time-range.ts';
import { MAX_TREND_DAYS, readTrends } from '../../insights/trends.ts';
import type { Endpoint } from '../endpoint.ts';
import { filterParameters, integerParameter, splitTags, toFilters } from '../query-parameters.ts';

const parameters = z.strictObject({
  tenant: tenantInput.optional(),
  timezone: timeZoneInput.optional(),
  days: integerParameter(1, MAX_TREND_DAYS).default(30),
  ...filterParameters,
});

export const getCostTrends: Endpoint = {
  access: 'tenant',
  async handle({ db, now }, request) {
    const { plain, tags } = splitTags(request.query);
    const asked = parseParameters(parameters, plain);
    const filters = parseParameters(filtersInput, toFilters(asked, tags));
    const tenant = readableTenant(identityOf(request), asked.tenant);
    const { days, timezone } = asked;
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
};
