/** Routes of `health/`: is the process up, is it ready, what does monitoring read. */
import type { Routes } from '../endpoint.ts';
import { healthz } from './healthz.ts';
import { getMetrics } from './metrics.ts';
import { readyz } from './readyz.ts';

export const healthRoutes: Routes = {
  'GET /healthz': healthz,
  'GET /readyz': readyz,
  'GET /metrics': getMetrics,
};
