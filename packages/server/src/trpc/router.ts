/**
 * The dashboard's router: the queries of its pages, with the same services as REST, typed end to end. A page that needs
 * more adds its own router. Money crosses as decimal strings. The web imports the types of this file, never its code.
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
