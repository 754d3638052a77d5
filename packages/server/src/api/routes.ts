/** Every endpoint of the API by method and URL. A URL's file lies under its path: `/api/usage/events` → `usage/`. */
import { addPrice } from './admin/add-price.ts';
import { createKey } from './admin/create-key.ts';
import { createTenant } from './admin/create-tenant.ts';
import { importPrices } from './admin/import-prices.ts';
import { listKeys } from './admin/list-keys.ts';
import { listPrices } from './admin/list-prices.ts';
import { listTenants } from './admin/list-tenants.ts';
import { listPriceVersions, removePriceVersion } from './admin/price-versions.ts';
import { refreshPrices } from './admin/refresh-prices.ts';
import { removePrice } from './admin/remove-price.ts';
import { cancelRerating, getRerating, listRerating, startRerating } from './admin/rerating.ts';
import { revokeKey } from './admin/revoke-key.ts';
import { getCostDashboard } from './cost/dashboard.ts';
import { getCostSummary } from './cost/summary.ts';
import { getCostTrends } from './cost/trends.ts';
import type { Endpoint } from './endpoint.ts';
import { healthz } from './health/healthz.ts';
import { readyz } from './health/readyz.ts';
import { endSession } from './login/end-session.ts';
import { openLoginLink } from './login/open-link.ts';
import { getUsageEvent } from './usage/get-event.ts';
import { listUsageEvents } from './usage/list-events.ts';
import { postEvents } from './usage/post-events.ts';
import { streamEvents } from './usage/stream-events.ts';

export type RouteKey = `${'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'} /${string}`;

export const ROUTES: Readonly<Record<RouteKey, Endpoint>> = {
  'GET /healthz': healthz,
  'GET /readyz': readyz,

  'GET /login': openLoginLink,
  'POST /api/session/end': endSession,

  'POST /api/usage/events': postEvents,
  'GET /api/usage/events': listUsageEvents,
  'GET /api/usage/events/:id': getUsageEvent,
  'GET /api/usage/stream': streamEvents,

  'GET /api/cost/dashboard': getCostDashboard,
  'GET /api/cost/summary': getCostSummary,
  'GET /api/cost/trends': getCostTrends,

  'GET /api/admin/tenants': listTenants,
  'POST /api/admin/tenants': createTenant,
  'GET /api/admin/keys': listKeys,
  'POST /api/admin/keys': createKey,
  'DELETE /api/admin/keys/:id': revokeKey,
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
};
