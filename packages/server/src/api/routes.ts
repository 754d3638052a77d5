/** Every endpoint of the API by method and URL. A URL's file lies under its path: `/api/usage/events` → `usage/`. */
import type { Endpoint } from './endpoint.ts';

export type RouteKey = `${'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'} /${string}`;

export const ROUTES: Readonly<Record<RouteKey, Endpoint>> = {};
