/** Pages by URL. The search of the root is the state every page has in common. */
import { createRootRoute, createRoute, createRouter, redirect } from '@tanstack/react-router';
import { readSearch } from './address/search.ts';
import { EventDrawer } from './event/EventDrawer.tsx';
import { Frame } from './frame/Frame.tsx';
import { NotFound } from './frame/NotFound.tsx';
import { PageFailure } from './frame/PageFailure.tsx';
import { OverviewPage } from './overview/OverviewPage.tsx';
import { RequestsPage } from './requests/RequestsPage.tsx';

const root = createRootRoute({ component: Frame, validateSearch: readSearch, notFoundComponent: NotFound });

// Pathless, since "/" matches nothing below itself: the drawer opens over the page without unmounting it.
const overview = createRoute({ getParentRoute: () => root, id: 'overview', component: OverviewPage });
const overviewIndex = createRoute({ getParentRoute: () => overview, path: '/' });
const overviewEvent = createRoute({
  getParentRoute: () => overview,
  path: 'event/$tenant/$id',
  component: EventDrawer,
});
const requests = createRoute({ getParentRoute: () => root, path: '/requests', component: RequestsPage });
const requestsEvent = createRoute({
  getParentRoute: () => requests,
  path: '$tenant/$id',
  component: EventDrawer,
});
// The frame shows it by itself.
const welcome = createRoute({ getParentRoute: () => root, path: '/welcome' });
const ops = createRoute({
  getParentRoute: () => root,
  path: '/ops',
  beforeLoad: () => {
    throw redirect({ to: '/', search: (previous) => readSearch({ ...previous }) });
  },
});

export const router = createRouter({
  routeTree: root.addChildren([
    overview.addChildren([overviewIndex, overviewEvent]),
    requests.addChildren([requestsEvent]),
    welcome,
    ops,
  ]),
  defaultPreload: 'intent',
  defaultErrorComponent: PageFailure,
});

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router;
  }
}
