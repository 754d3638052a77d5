/** Routes of `/api/usage`. */
import type { Routes } from '../endpoint.ts';
import { getUsageEvent, listUsageEvents, postEvents } from './events.ts';
import { streamEvents } from './stream.ts';

export const usageRoutes: Routes = {
  'POST /api/usage/events': postEvents,
  'GET /api/usage/events': listUsageEvents,
  'GET /api/usage/events/:id': getUsageEvent,
  'GET /api/usage/stream': streamEvents,
};
