/**
 * Every endpoint of the API by method and URL. One file per resource, found by its URL: `/api/admin/keys/:id/rotate` is in
 * `admin/keys.ts` (README.md says the rule, a test holds it). Each folder lists its own.
 */
import { adminRoutes } from './admin/routes.ts';
import { costRoutes } from './cost/routes.ts';
import type { Routes } from './endpoint.ts';
import { exportsRoutes } from './exports/routes.ts';
import { healthRoutes } from './health/routes.ts';
import { loginRoutes } from './login/routes.ts';
import { opsRoutes } from './ops/routes.ts';
import { usageRoutes } from './usage/routes.ts';
import { getCosts } from './v2/costs.ts';

export const ROUTES: Routes = {
  ...healthRoutes,
  ...loginRoutes,
  ...usageRoutes,
  ...costRoutes,
  'GET /api/v2/costs': getCosts,
  ...exportsRoutes,
  ...opsRoutes,
  ...adminRoutes,
};
