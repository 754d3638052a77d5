/** `GET /api/ops/usage/summary`: today, this week and this month, by tenant and by model. */
import { printUsd } from '@farthing/pricing';
import { z } from 'zod';
import type { Sums } from '../../costs/sums.ts';
import { withScope } from '../../costs/with-scope.ts';
import { readableTenant } from '../../http/callers/access.ts';
import { exactNumber } from '../../http/money.ts';
import { type Ranked, readUsageWindows, type UsageWindow } from '../../overview/usage-windows.ts';
import { tenantInput } from '../../parameters/tenant.ts';
import { timeZoneInput } from '../../parameters/time-range.ts';
import { endpoint } from '../endpoint.ts';
import { integerParameter } from '../query-parameters.ts';
import { count, instant, usdNumber } from '../schemas.ts';

const figures = {
  cost_usd: usdNumber,
  requests: count,
  errors: count,
  unpriced_requests: count,
  input_tokens: count,
  output_tokens: count,
  total_tokens: count,
};
const other = z.object({ entries: count, ...figures }).optional();

const window = z.object({
  from: instant,
  to: instant,
  ...figures,
  tenants: z.array(z.object({ tenant: z.string(), ...figures })),
  other_tenants: other,
  models: z.array(z.object({ provider: z.string(), model: z.string(), ...figures })),
  other_models: other,
});

export const getUsageSummary = endpoint({
  access: 'usage:read',
  summary: 'Today, this week and this month: in total, by tenant and by model.',
  description:
    'Whole days, weeks (from Monday on) and months of the zone. Entries and `other_…` are the total of their window. A key of one tenant sees that tenant.',
  tags: ['operations'],
  query: z.strictObject({
    tenant: tenantInput.optional(),
    timezone: timeZoneInput.optional(),
    limit: integerParameter(1, 1000)
      .default(100)
      .meta({ description: 'Entries of each list, the dearest first.' }),
  }),
  answer: z.object({ timezone: z.string(), windows: z.object({ day: window, week: window, month: window }) }),
  errors: ['unknown_tenant'],
  examples: [
    { name: 'now' },
    { name: 'the dearest in another zone', query: { timezone: 'Asia/Kathmandu', limit: '1' } },
  ],
  async handle({ context: { db, now }, identity, query: { tenant, timezone, limit } }) {
    const usage = await withScope(db, readableTenant(identity, tenant), (scope) =>
      readUsageWindows(scope, { timezone, limit }, now()),
    );
    const { day, week, month } = usage.windows;
    return {
      timezone: usage.timezone,
      windows: { day: windowOf(day), week: windowOf(week), month: windowOf(month) },
    };
  },
});

const windowOf = ({ from, to, total, tenants, models }: UsageWindow) => ({
  from: new Date(from).toISOString(),
  to: new Date(to).toISOString(),
  ...figuresOf(total),
  tenants: tenants.groups.map(({ values, sums }) => ({ tenant: values[0] ?? '', ...figuresOf(sums) })),
  ...otherOf('other_tenants', tenants),
  models: models.groups.map(({ values, sums }) => ({
    provider: values[0] ?? '',
    model: values[1] ?? '',
    ...figuresOf(sums),
  })),
  ...otherOf('other_models', models),
});

const otherOf = <const Name extends string>(name: Name, ranked: Ranked) =>
  ranked.other === null
    ? {}
    : { [name]: { entries: ranked.groupCount - ranked.groups.length, ...figuresOf(ranked.other) } };

const figuresOf = (sums: Sums) => ({
  cost_usd: exactNumber(printUsd(sums.costPicos)),
  requests: sums.requests,
  errors: sums.errors,
  unpriced_requests: sums.unpricedRequests,
  input_tokens: sums.inputTokens,
  output_tokens: sums.outputTokens,
  total_tokens: sums.inputTokens + sums.outputTokens,
});
