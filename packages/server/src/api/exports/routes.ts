/** Routes of `/api/exports`. */
import type { Routes } from '../endpoint.ts';
import { exportCostFile } from './costs.ts';
import { exportEventFile } from './events.ts';
import { exportFocusMetadata } from './focus/metadata.ts';
import { exportFocusFile } from './focus.ts';

export const exportsRoutes: Routes = {
  'GET /api/exports/events': exportEventFile,
  'GET /api/exports/costs': exportCostFile,
  'GET /api/exports/focus': exportFocusFile,
  'GET /api/exports/focus/metadata': exportFocusMetadata,
};
