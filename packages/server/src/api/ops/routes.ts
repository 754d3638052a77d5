/** Routes of `/api/ops`. */
import type { Routes } from '../endpoint.ts';
import {
  createAlertThreshold,
  getAlertThreshold,
  listAlertThresholds,
  removeAlertThreshold,
  replaceAlertThreshold,
} from './alerts/thresholds.ts';
import { getAlerts } from './alerts.ts';
import { listOpsEvents } from './usage/events.ts';
import { getUsageSummary } from './usage/summary.ts';

export const opsRoutes: Routes = {
  'GET /api/ops/usage/summary': getUsageSummary,
  'GET /api/ops/usage/events': listOpsEvents,
  'GET /api/ops/alerts': getAlerts,
  'GET /api/ops/alerts/thresholds': listAlertThresholds,
  'POST /api/ops/alerts/thresholds': createAlertThreshold,
  'GET /api/ops/alerts/thresholds/:id': getAlertThreshold,
  'PUT /api/ops/alerts/thresholds/:id': replaceAlertThreshold,
  'DELETE /api/ops/alerts/thresholds/:id': removeAlertThreshold,
};
