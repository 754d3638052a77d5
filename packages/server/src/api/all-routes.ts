/** Everything that is registered: the endpoints of `routes.ts` and the document that describes them. */
import { openApiJson } from './docs/openapi-json.ts';
import type { Routes } from './endpoint.ts';
import { ROUTES } from './routes.ts';

export const ALL_ROUTES: Routes = {
  ...ROUTES,
  'GET /openapi.json': openApiJson(() => ALL_ROUTES),
};
