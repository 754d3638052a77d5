/**
 * The dashboard's router: the same services as REST, typed end to end.
 * Money crosses as decimal strings. The web imports the types of this file, never its code.
 */
import type { inferRouterInputs, inferRouterOutputs } from '@trpc/server';
import { agentsRouter } from './agents.ts';
import { alertsRouter } from './alerts.ts';
import { costsRouter } from './costs.ts';
import { eventsRouter } from './events.ts';
import { overviewRouter } from './overview.ts';
import { sessionRouter } from './session.ts';
import { router } from './trpc.ts';

export const appRouter = router({
  session: sessionRouter,
  overview: overviewRouter,
  events: eventsRouter,
  costs: costsRouter,
  agents: agentsRouter,
  alerts: alertsRouter,
});

export type AppRouter = typeof appRouter;
export type RouterInputs = inferRouterInputs<AppRouter>;
export type RouterOutputs = inferRouterOutputs<AppRouter>;
