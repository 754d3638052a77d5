/** `GET /api/cost/dashboard`: this month, today, leading agents and models, everything so far. */
import { printUsd } from '@farthing/pricing';
import { z } from 'zod';
import { identityOf, readableTenant } from '../../http/access.ts';
import { exactNumber } from '../../http/money.ts';
import { parseParameters } from '../../http/parse.ts';
import { readDashboard, type SpendBeside } from '../../insights/dashboard.ts';
import { withScope } from '../../insights/scope.ts';
import type { Endpoint } from '../endpoint.ts';
import { integerParameter, rangeParameters } from '../query-parameters.ts';

const parameters = z.strictObject({ ...rangeParameters, limit: integerParameter(1, 100).default(10) });

export const getCostDashboard: Endpoint = {
  access: 'tenant',
  async handle({ db, now }, request) {
    const asked = parseParameters(parameters, request.query);
    const tenant = readableTenant(identityOf(request), asked.tenant);
    const dashboard = await withScope(db, tenant, (scope) => readDashboard(scope, asked, now()));
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
};

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
