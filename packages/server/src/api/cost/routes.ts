/** Routes of `/api/cost`. */

import type { Routes } from '../endpoint.ts';
import { listAgentBudgets } from './agents.ts';
import { breakdownRoutes } from './breakdowns.ts';
import { getCostDashboard } from './dashboard.ts';
import { estimateCosts } from './estimate.ts';
import { priceCalls } from './price.ts';
import { getCostSummary } from './summary.ts';
import { listTagCosts } from './tags.ts';
import { getTenantReport } from './tenants.ts';
import { getCostTrends } from './trends.ts';
import { getWorkflowCosts } from './workflows.ts';

export const costRoutes: Routes = {
  'GET /api/cost/dashboard': getCostDashboard,
  'GET /api/cost/summary': getCostSummary,
  'GET /api/cost/trends': getCostTrends,
  'GET /api/cost/agents': listAgentBudgets,
  ...breakdownRoutes,
  'GET /api/cost/tenants/:id/report': getTenantReport,
  'GET /api/cost/workflows/:id': getWorkflowCosts,
  'GET /api/cost/tags': listTagCosts,
  'POST /api/cost/estimate': estimateCosts,
  'POST /api/cost/price': priceCalls,
};
