/** `GET /api/cost/dashboard`: this month, today, leading agents and models, everything so far. */
import { printUsd } from '@farthing/pricing';
import { z } from 'zod';
import { withScope } from '../../costs/with-scope.ts';
import { readableTenant } from '../../http/callers/access.ts';
import { exactNumber } from '../../http/money.ts';
import { readDashboard, type SpendBeside } from '../../overview/dashboard.ts';
import { endpoint } from '../endpoint.ts';
import { integerParameter, rangeParameters } from '../query-parameters.ts';
import { count, day, instant, interval, usdNumber } from '../schemas.ts';
import { changePct } from './figure-schemas.ts';

const spendFigures = {
  total_cost: usdNumber,
  operation_count: count,
  unpriced_requests: count,
  previous_total_cost: usdNumber,
  previous_period: z.object({ label: z.string(), from: instant, to: instant }),
  change_pct: changePct,
};

export const getCostDashboard = endpoint({
  access: 'usage:read',
  summary: 'This month, today, the leading agents and models, and everything so far.',
  description:
    '`current_month` and `today` are whole periods: they hold whatever the ledger has for them. What they are compared with ends at the same time of the period before. `from` and `to` bound the two lists; without them they cover this month.',
  tags: ['costs'],
  query: z.strictObject({
    ...rangeParameters,
    limit: integerParameter(1, 100).default(10).meta({ description: 'Entries of each list.' }),
  }),
  answer: z.object({
    timezone: z.string(),
    current_month: z.object({ month: z.string().meta({ examples: ['2026-11'] }), ...spendFigures }),
    today: z.object({ date: day, ...spendFigures }),
    top_period: interval,
    top_agents: z.array(
      z.object({
        agent_id: z.string().nullable().meta({ description: 'Null for an agent that was never registered.' }),
        agent_name: z.string(),
        tenant: z.string(),
        cost_usd: usdNumber,
        operation_count: count,
      }),
    ),
    top_models: z.array(
      z.object({ provider: z.string(), model: z.string(), cost_usd: usdNumber, operation_count: count }),
    ),
    all_time: z.object({
      total_cost: usdNumber,
      operation_count: count,
      unpriced_requests: count,
      since: day.nullable(),
    }),
    unpriced_requests: count,
  }),
  examples: [
    { name: 'now' },
    { name: 'the five leading ones of a week', query: { from: '2026-11-16', to: '2026-11-22', limit: '5' } },
  ],
  async handle({ context: { db, now }, identity, query }) {
    const tenant = readableTenant(identity, query.tenant);
    const dashboard = await withScope(db, tenant, (scope) => readDashboard(scope, query, now()), {
      prepared: true,
    });
    const { sums, since } = dashboard.allTime;
    return {
      timezone: dashboard.timezone,
      current_month: { month: dashboard.currentMonth.month, ...spend(dashboard.currentMonth) },
      today: { date: dashboard.today.date, ...spend(dashboard.today) },
      top_period: dashboard.period,
      top_agents: dashboard.topAgents.map((agent) => ({
        agent_id: agent.agentId,
        agent_name: agent.agentName,
        tenant: agent.tenant,
        cost_usd: exactNumber(agent.costUsd),
        operation_count: agent.requests,
      })),
      top_models: dashboard.topModels.map((model) => ({
        provider: model.provider,
        model: model.model,
        cost_usd: exactNumber(model.costUsd),
        operation_count: model.requests,
      })),
      all_time: {
        total_cost: exactNumber(printUsd(sums.costPicos)),
        operation_count: sums.requests,
        unpriced_requests: sums.unpricedRequests,
        since,
      },
      unpriced_requests: sums.unpricedRequests,
    };
  },
});

function spend(figures: SpendBeside) {
  return {
    total_cost: exactNumber(figures.costUsd),
    operation_count: figures.requests,
    unpriced_requests: figures.unpricedRequests,
    previous_total_cost: exactNumber(figures.previousCostUsd),
    previous_period: figures.previousPeriod,
    change_pct: figures.changePct,
  };
}
