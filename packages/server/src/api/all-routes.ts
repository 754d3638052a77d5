/** Everything that is registered: the endpoints of `routes.ts` and the document that describes them. */
import { openApiJson } from './docs/openapi-json.ts';
import type { Endpoint } from './endpoint.ts';
import { ROUTES, type RouteKey } from './routes.ts';

export const ALL_ROUTES: Readonly<Record<RouteKey, Endpoint>> = {
  ...ROUTES,
  'GET /openapi.json': openApiJson(() => ALL_ROUTES),
};
