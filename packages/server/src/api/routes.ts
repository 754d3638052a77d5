/** Every endpoint of the API by method and URL. A URL's file lies under its path: `/api/usage/events` → `usage/`. */

import { pauseAgent } from './admin/agents/pause.ts';
import { resetAgentBudget } from './admin/agents/reset-budget.ts';
import { setAgentBudget } from './admin/agents/set-budget.ts';
import { unpauseAgent } from './admin/agents/unpause.ts';
import { listAudit } from './admin/audit.ts';
import { createEnvironment, listEnvironments } from './admin/environments.ts';
import { getErasure, listErasures, startErasure } from './admin/erasure.ts';
import { checkInvariants, getInvariants } from './admin/invariants.ts';
import { listJobs, runJob } from './admin/jobs.ts';
import { createKey } from './admin/keys.ts';
import { listKeys } from './admin/list-keys.ts';
import { listTenants } from './admin/list-tenants.ts';
import { importPrices } from './admin/prices/import.ts';
import { addPrice } from './admin/prices/new-price.ts';
import { refreshPrices } from './admin/prices/refresh.ts';
import { listPriceVersions, removePriceVersion } from './admin/prices/versions.ts';
import { listPrices } from './admin/prices.ts';
import { createProject, listProjects } from './admin/projects.ts';
import { removePrice } from './admin/remove-price.ts';
import { cancelRerating, getRerating, listRerating, startRerating } from './admin/rerating.ts';
import { revokeKey } from './admin/revoke-key.ts';
import { rotateKey } from './admin/rotate-key.ts';
import { listAllSessions, revokeSession } from './admin/sessions.ts';
import { getRetention, putRetention } from './admin/tenants/retention.ts';
import { createTenant } from './admin/tenants.ts';
import { updateTenant } from './admin/update-tenant.ts';
import { changeUser, inviteUser, linkUser, listUsers, removeUser } from './admin/users.ts';
import { listAgentBudgets } from './cost/agents.ts';
import { listModelCosts } from './cost/breakdowns.ts';
import { getCostDashboard } from './cost/dashboard.ts';
import { estimateCosts } from './cost/estimate.ts';
import { listOperationCosts } from './cost/operations.ts';
import { priceCalls } from './cost/price.ts';
import { listProjectCosts } from './cost/projects.ts';
import { getCostSummary } from './cost/summary.ts';
import { listTagCosts } from './cost/tags.ts';
import { listTaskCosts } from './cost/tasks.ts';
import { listTenantCosts } from './cost/tenants.ts';
import { getTenantReport } from './cost/tenants-report.ts';
import { getCostTrends } from './cost/trends.ts';
import { listUserCosts } from './cost/users.ts';
import { getWorkflowCosts } from './cost/workflow.ts';
import { listWorkflowCosts } from './cost/workflows.ts';
import type { Endpoint } from './endpoint.ts';
import { exportCostFile } from './exports/costs.ts';
import { exportEventFile } from './exports/events.ts';
import { exportFocusMetadata } from './exports/focus/metadata.ts';
import { exportFocusFile } from './exports/focus.ts';
import { healthz } from './health/healthz.ts';
import { getMetrics } from './health/metrics.ts';
import { readyz } from './health/readyz.ts';
import { acceptLink } from './login/accept-link.ts';
import { endSession } from './login/end-session.ts';
import { signIn } from './login/login.ts';
import { openLoginLink } from './login/open-link.ts';
import { changeOwnPassword, endOwnSession, listOwnSessions, switchTenant } from './login/session.ts';
import { listAlertThresholds } from './ops/alerts/thresholds.ts';
import { listAlerts } from './ops/alerts.ts';
import { createAlertThreshold } from './ops/create-threshold.ts';
import { getAlertThreshold } from './ops/get-threshold.ts';
import { removeAlertThreshold } from './ops/remove-threshold.ts';
import { replaceAlertThreshold } from './ops/replace-threshold.ts';
import { listOpsEvents } from './ops/usage/events.ts';
import { getUsageSummary } from './ops/usage/summary.ts';
import { listUsageEvents } from './usage/events.ts';
import { getUsageEvent } from './usage/get-event.ts';
import { postEvents } from './usage/post-events.ts';
import { streamEvents } from './usage/stream.ts';
import { getCosts } from './v2/costs.ts';

export type RouteKey = `${'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'} /${string}`;

export const ROUTES: Readonly<Record<RouteKey, Endpoint>> = {
  'GET /healthz': healthz,
  'GET /readyz': readyz,

  'GET /login': openLoginLink,
  'POST /api/login': signIn,
  'POST /api/login/link': acceptLink,
  'POST /api/session/end': endSession,
  'POST /api/session/password': changeOwnPassword,
  'POST /api/session/tenant': switchTenant,
  'GET /api/sessions': listOwnSessions,
  'DELETE /api/sessions/:id': endOwnSession,

  'POST /api/usage/events': postEvents,
  'GET /api/usage/events': listUsageEvents,
  'GET /api/usage/events/:id': getUsageEvent,
  'GET /api/usage/stream': streamEvents,

  'GET /api/cost/dashboard': getCostDashboard,
  'GET /api/cost/summary': getCostSummary,
  'GET /api/cost/trends': getCostTrends,
  'GET /api/cost/agents': listAgentBudgets,
  'GET /api/cost/models': listModelCosts,
  'GET /api/cost/operations': listOperationCosts,
  'GET /api/cost/tenants': listTenantCosts,
  'GET /api/cost/tenants/:id/report': getTenantReport,
  'GET /api/cost/projects': listProjectCosts,
  'GET /api/cost/users': listUserCosts,
  'GET /api/cost/workflows': listWorkflowCosts,
  'GET /api/cost/workflows/:id': getWorkflowCosts,
  'GET /api/cost/tasks': listTaskCosts,
  'GET /api/cost/tags': listTagCosts,
  'POST /api/cost/estimate': estimateCosts,
  'POST /api/cost/price': priceCalls,
  'GET /api/v2/costs': getCosts,

  'GET /api/exports/events': exportEventFile,
  'GET /api/exports/costs': exportCostFile,
  'GET /api/exports/focus': exportFocusFile,
  'GET /api/exports/focus/metadata': exportFocusMetadata,

  'GET /api/ops/usage/summary': getUsageSummary,
  'GET /api/ops/usage/events': listOpsEvents,
  'GET /api/ops/alerts': listAlerts,
  'GET /api/ops/alerts/thresholds': listAlertThresholds,
  'POST /api/ops/alerts/thresholds': createAlertThreshold,
  'GET /api/ops/alerts/thresholds/:id': getAlertThreshold,
  'PUT /api/ops/alerts/thresholds/:id': replaceAlertThreshold,
  'DELETE /api/ops/alerts/thresholds/:id': removeAlertThreshold,

  'POST /api/admin/agents/:id/budget': setAgentBudget,
  'POST /api/admin/agents/:id/budget/reset': resetAgentBudget,
  'POST /api/admin/agents/:id/pause': pauseAgent,
  'POST /api/admin/agents/:id/unpause': unpauseAgent,

  'GET /api/admin/tenants': listTenants,
  'POST /api/admin/tenants': createTenant,
  'GET /api/admin/keys': listKeys,
  'POST /api/admin/keys': createKey,
  'DELETE /api/admin/keys/:id': revokeKey,
  'POST /api/admin/keys/:id/rotate': rotateKey,
  'PATCH /api/admin/tenants/:id': updateTenant,
  'GET /api/admin/projects': listProjects,
  'POST /api/admin/projects': createProject,
  'GET /api/admin/environments': listEnvironments,
  'POST /api/admin/environments': createEnvironment,
  'GET /api/admin/users': listUsers,
  'POST /api/admin/users': inviteUser,
  'PATCH /api/admin/users/:id': changeUser,
  'DELETE /api/admin/users/:id': removeUser,
  'POST /api/admin/users/:id/link': linkUser,
  'GET /api/admin/sessions': listAllSessions,
  'DELETE /api/admin/sessions/:id': revokeSession,
  'GET /api/admin/audit': listAudit,

  'GET /api/admin/prices': listPrices,
  'POST /api/admin/prices': addPrice,
  'POST /api/admin/prices/import': importPrices,
  'POST /api/admin/prices/refresh': refreshPrices,
  'GET /api/admin/prices/versions': listPriceVersions,
  'DELETE /api/admin/prices/versions/:id': removePriceVersion,
  'DELETE /api/admin/prices/:kind/:id': removePrice,
  'GET /api/admin/rerating': listRerating,
  'POST /api/admin/rerating': startRerating,
  'GET /api/admin/rerating/:id': getRerating,
  'POST /api/admin/rerating/:id/cancel': cancelRerating,

  'GET /api/admin/tenants/:id/retention': getRetention,
  'PUT /api/admin/tenants/:id/retention': putRetention,
  'GET /api/admin/erasure': listErasures,
  'POST /api/admin/erasure': startErasure,
  'GET /api/admin/erasure/:id': getErasure,
  'GET /api/admin/jobs': listJobs,
  'POST /api/admin/jobs/:name/run': runJob,
  'GET /api/admin/invariants': getInvariants,
  'POST /api/admin/invariants/check': checkInvariants,
  'GET /metrics': getMetrics,
};
