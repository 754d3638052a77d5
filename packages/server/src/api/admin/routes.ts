/** Routes of `/api/admin`. */

import type { Routes } from '../endpoint.ts';
import { pauseAgent, resetAgentBudget, setAgentBudget, unpauseAgent } from './agents.ts';
import { listAudit } from './audit.ts';
import { createEnvironment, listEnvironments } from './environments.ts';
import { getErasure, getErasures, startErasure } from './erasure.ts';
import { checkInvariants, getInvariants } from './invariants.ts';
import { listJobs, queueJob } from './jobs.ts';
import { createKey, listKeys, revokeKey, rotateKey } from './keys.ts';
import { importPrices } from './prices/import.ts';
import { refreshBook } from './prices/refresh.ts';
import { listPriceVersions, removePriceVersion } from './prices/versions.ts';
import { addPrice, listPrices, takePriceBack } from './prices.ts';
import { createProject, listProjects } from './projects.ts';
import { cancelRerating, getRerating, listRerating, startRerating } from './rerating.ts';
import { listAllSessions, revokeSession } from './sessions.ts';
import { getRetention, putRetention } from './tenants/retention.ts';
import { createTenant, listTenants, updateTenant } from './tenants.ts';
import { changeUser, inviteUser, linkUser, listUsers, removeUser } from './users.ts';

export const adminRoutes: Routes = {
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
  'POST /api/admin/prices/refresh': refreshBook,
  'GET /api/admin/prices/versions': listPriceVersions,
  'DELETE /api/admin/prices/versions/:id': removePriceVersion,
  'DELETE /api/admin/prices/:kind/:id': takePriceBack,
  'GET /api/admin/rerating': listRerating,
  'POST /api/admin/rerating': startRerating,
  'GET /api/admin/rerating/:id': getRerating,
  'POST /api/admin/rerating/:id/cancel': cancelRerating,
  'GET /api/admin/tenants/:id/retention': getRetention,
  'PUT /api/admin/tenants/:id/retention': putRetention,
  'GET /api/admin/erasure': getErasures,
  'POST /api/admin/erasure': startErasure,
  'GET /api/admin/erasure/:id': getErasure,
  'GET /api/admin/jobs': listJobs,
  'POST /api/admin/jobs/:name/run': queueJob,
  'GET /api/admin/invariants': getInvariants,
  'POST /api/admin/invariants/check': checkInvariants,
};
