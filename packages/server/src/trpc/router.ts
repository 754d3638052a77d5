/**
 * The dashboard's router: what its pages ask, by the same services as REST, typed end to end. A page that needs more
 * brings a router of its own.
 * Money crosses as decimal strings. The web imports the types of this file, never its code.
 */
import { eventsRouter } from './events.ts';
import { overviewRouter } from './overview.ts';
import { sessionRouter } from './session.ts';
import { router } from './trpc.ts';

export const appRouter = router({
  session: sessionRouter,
  overview: overviewRouter,
  events: eventsRouter,
});

export type AppRouter = typeof appRouter;
