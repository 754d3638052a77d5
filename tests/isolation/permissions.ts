/**
 * Who may call what, written out. It lists every registered route and every procedure. So a new one, or a change of
 * access, fails a test until it is written here too.
 */
import type { Permission } from '@farthing/contract';

/** `a key’s …`: only an API key can have it; a browser's session counts as no credential. */
export type Needed = 'public' | Permission | 'a key’s events:write';

const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'] as const;

/** The gateway checks its caller by itself, since `authorization` belongs to the provider. */
const gateway = (provider: string): Record<string, Needed> =>
  Object.fromEntries(METHODS.map((method) => [`${method} /gateway/${provider}/*`, 'a key’s events:write']));

/** Routes with a GET have a HEAD of the same access, but for the stream. */
export const ROUTE_PERMISSIONS: Readonly<Record<string, Needed>> = {
  'GET /': 'public',
  'GET /requests': 'public',
  'GET /requests/:tenant/:id': 'public',
  'GET /event/:tenant/:id': 'public',
  'GET /ops': 'public',
  'GET /welcome': 'public',
  'GET /assets/*': 'public',
  'GET /favicon.svg': 'public',
  'GET /docs': 'public',
  'GET /docs/swagger-ui-bundle.js': 'public',
  'GET /docs/swagger-ui.css': 'public',
  'GET /docs/reference.js': 'public',
  'GET /docs/reference.css': 'public',
  'GET /docs/inter-latin.woff2': 'public',
  'GET /docs/inter-latin-ext.woff2': 'public',
  'GET /openapi.json': 'public',
  'GET /healthz': 'public',
  'GET /readyz': 'public',
  'GET /login': 'public',
  'POST /api/login': 'public',
  'POST /api/login/link': 'public',

  'GET /trpc/:path': 'usage:read',
  ...gateway('openai'),
  ...gateway('anthropic'),

  'POST /api/session/end': 'usage:read',
  'POST /api/session/password': 'usage:read',
  'POST /api/session/tenant': 'usage:read',
  'GET /api/sessions': 'usage:read',
  'DELETE /api/sessions/:id': 'usage:read',

  'POST /api/usage/events': 'events:write',
  'GET /api/usage/events': 'usage:read',
  'GET /api/usage/events/:id': 'usage:read',
  'GET /api/usage/stream': 'usage:read',

  'GET /api/cost/dashboard': 'usage:read',
  'GET /api/cost/summary': 'usage:read',
  'GET /api/cost/trends': 'usage:read',
  'GET /api/cost/agents': 'usage:read',
  'GET /api/cost/models': 'usage:read',
  'GET /api/cost/operations': 'usage:read',
  'GET /api/cost/tenants': 'usage:read',
  'GET /api/cost/tenants/:id/report': 'usage:read',
  'GET /api/cost/projects': 'usage:read',
  'GET /api/cost/users': 'usage:read',
  'GET /api/cost/workflows': 'usage:read',
  'GET /api/cost/workflows/:id': 'usage:read',
  'GET /api/cost/tasks': 'usage:read',
  'GET /api/cost/tags': 'usage:read',
  'POST /api/cost/estimate': 'usage:read',
  'POST /api/cost/price': 'usage:read',
  'GET /api/v2/costs': 'usage:read',

  'GET /api/exports/events': 'usage:read',
  'GET /api/exports/costs': 'usage:read',
  'GET /api/exports/focus': 'usage:read',
  'GET /api/exports/focus/metadata': 'usage:read',

  'GET /api/ops/usage/summary': 'usage:read',
  'GET /api/ops/usage/events': 'usage:read',
  'GET /api/ops/alerts': 'usage:read',
  'GET /api/ops/alerts/thresholds': 'usage:read',
  'POST /api/ops/alerts/thresholds': 'alerts:write',
  'GET /api/ops/alerts/thresholds/:id': 'usage:read',
  'PUT /api/ops/alerts/thresholds/:id': 'alerts:write',
  'DELETE /api/ops/alerts/thresholds/:id': 'alerts:write',

  'POST /api/admin/agents/:id/budget': 'agents:write',
  'POST /api/admin/agents/:id/budget/reset': 'agents:write',
  'POST /api/admin/agents/:id/pause': 'agents:write',
  'POST /api/admin/agents/:id/unpause': 'agents:write',

  'GET /api/admin/keys': 'keys:manage',
  'POST /api/admin/keys': 'keys:manage',
  'DELETE /api/admin/keys/:id': 'keys:manage',
  'POST /api/admin/keys/:id/rotate': 'keys:manage',
  'GET /api/admin/users': 'users:manage',
  'POST /api/admin/users': 'users:manage',
  'PATCH /api/admin/users/:id': 'users:manage',
  'DELETE /api/admin/users/:id': 'users:manage',
  'POST /api/admin/users/:id/link': 'users:manage',
  'GET /api/admin/sessions': 'users:manage',
  'DELETE /api/admin/sessions/:id': 'users:manage',
  'GET /api/admin/projects': 'usage:read',
  'POST /api/admin/projects': 'tenant:manage',
  'GET /api/admin/environments': 'usage:read',
  'POST /api/admin/environments': 'tenant:manage',
  'GET /api/admin/tenants': 'tenant:manage',
  'PATCH /api/admin/tenants/:id': 'tenant:manage',
  'GET /api/admin/audit': 'tenant:manage',
  'GET /api/admin/tenants/:id/retention': 'tenant:manage',
  'PUT /api/admin/tenants/:id/retention': 'tenant:manage',
  'GET /api/admin/erasure': 'tenant:manage',
  'POST /api/admin/erasure': 'tenant:manage',
  'GET /api/admin/erasure/:id': 'tenant:manage',

  'POST /api/admin/tenants': 'instance:manage',
  'GET /api/admin/prices': 'instance:manage',
  'POST /api/admin/prices': 'instance:manage',
  'POST /api/admin/prices/import': 'instance:manage',
  'POST /api/admin/prices/refresh': 'instance:manage',
  'GET /api/admin/prices/versions': 'instance:manage',
  'DELETE /api/admin/prices/versions/:id': 'instance:manage',
  'DELETE /api/admin/prices/:kind/:id': 'instance:manage',
  'GET /api/admin/rerating': 'instance:manage',
  'POST /api/admin/rerating': 'instance:manage',
  'GET /api/admin/rerating/:id': 'instance:manage',
  'POST /api/admin/rerating/:id/cancel': 'instance:manage',
  'GET /api/admin/jobs': 'instance:manage',
  'POST /api/admin/jobs/:name/run': 'instance:manage',
  'GET /api/admin/invariants': 'instance:manage',
  'POST /api/admin/invariants/check': 'instance:manage',
  'GET /metrics': 'instance:manage',
};

/** Procedures of tRPC, below `/trpc/:path`, all of them queries: what each needs beside `usage:read`. */
export const PROCEDURE_PERMISSIONS: Readonly<Record<string, Needed>> = {
  'session.me': 'usage:read',
  'overview.cards': 'usage:read',
  'overview.series': 'usage:read',
  'overview.breakdown': 'usage:read',
  'events.list': 'usage:read',
  'events.get': 'usage:read',
};

/** What a line is about HEAD: the same as GET. */
export function neededFor(method: string, url: string): Needed | undefined {
  const listed = ROUTE_PERMISSIONS[`${method} ${url}`];
  return listed ?? (method === 'HEAD' ? ROUTE_PERMISSIONS[`GET ${url}`] : undefined);
}
