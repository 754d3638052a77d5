/** Routes, made from the registry of pages. The search of the root is the state every page has in common. */
import { OTHER_PATHS, PAGES, type Page, type PageId, type PagePath } from '@farthing/contract/pages';
import { createRootRoute, createRoute, createRouter, redirect } from '@tanstack/react-router';
import { readSearch } from './address/search.ts';
import { EventDrawer, preloadEventDetails } from './event/EventDrawer.tsx';
import { Frame } from './frame/Frame.tsx';
import { NotFound } from './frame/NotFound.tsx';
import { PageFailure } from './frame/PageFailure.tsx';
import { PageFrame } from './frame/PageFrame.tsx';
import { PAGE_VIEWS } from './page-views.ts';

const root = createRootRoute({
  component: () => <Frame icons={PAGE_VIEWS} />,
  validateSearch: readSearch,
  notFoundComponent: NotFound,
});

/**
 * The routes of a page. The page itself has no path, since "/" matches nothing below itself: so a request opens over it
 * without unmounting it.
 */
function pageRoute<const P extends Page & { readonly id: PageId }>({ id, path, title, requestPath }: P) {
  const { View, Skeleton } = PAGE_VIEWS[id];
  const page = createRoute({
    getParentRoute: () => root,
    id: id as P['id'],
    // Started, not awaited: the frame and the skeleton are shown meanwhile.
    loader: () => void View.preload?.(),
    component: () => <PageFrame title={title} View={View} Skeleton={Skeleton} />,
  });
  const own = createRoute({ getParentRoute: () => page, path: path as P['path'] });
  const request = createRoute({
    getParentRoute: () => page,
    path: requestPath as RequestPathOf<P>,
    loader: preloadEventDetails,
    component: () => <EventDrawer pagePath={path as PagePath} />,
  });
  return page.addChildren(requestPath === null ? [own] : [own, request]);
}

/** If a page has none, its type is the page's own path, which exists. */
type RequestPathOf<P extends Page> = P['requestPath'] extends string ? P['requestPath'] : P['path'];

/** One for each page, so that the router knows every address by its type. */
type RoutesOf<T extends readonly unknown[]> = {
  [I in keyof T]: T[I] extends (typeof PAGES)[number] ? ReturnType<typeof pageRoute<T[I]>> : never;
};

// The frame shows it by itself.
const welcome = createRoute({ getParentRoute: () => root, path: OTHER_PATHS.welcome });
const ops = createRoute({
  getParentRoute: () => root,
  path: OTHER_PATHS.ops,
  beforeLoad: () => {
    throw redirect({ to: '/', search: (previous) => readSearch({ ...previous }) });
  },
});

export const pageRouter = createRouter({
  routeTree: root.addChildren([...(PAGES.map(pageRoute) as unknown as RoutesOf<typeof PAGES>), welcome, ops]),
  defaultPreload: 'intent',
  defaultErrorComponent: PageFailure,
});

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof pageRouter;
  }
}
