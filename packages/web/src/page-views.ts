/**
 * What draws each page of the registry (`@farthing/contract/pages`). The code of a page is fetched when it is visited, or
 * when a link to it is pointed at or has the focus. A skeleton is part of the first view: it may not import its page.
 */
import type { PageId } from '@farthing/contract/pages';
import { type Icon, IconChartBar, IconList } from '@tabler/icons-react';
import { type AsyncRouteComponent, lazyRouteComponent } from '@tanstack/react-router';
import type { ComponentType } from 'react';
import { OverviewSkeleton } from './overview/OverviewSkeleton.tsx';
import { RequestsSkeleton } from './requests/RequestsSkeleton.tsx';

export interface PageView {
  readonly View: AsyncRouteComponent<unknown>;
  readonly Skeleton: ComponentType;
  /** Beside its title in the navigation. */
  readonly Icon: Icon;
}

export const PAGE_VIEWS: { readonly [id in PageId]: PageView } = {
  overview: {
    View: lazyRouteComponent(() => import('./overview/OverviewPage.tsx'), 'OverviewPage'),
    Skeleton: OverviewSkeleton,
    Icon: IconChartBar,
  },
  requests: {
    View: lazyRouteComponent(() => import('./requests/RequestsPage.tsx'), 'RequestsPage'),
    Skeleton: RequestsSkeleton,
    Icon: IconList,
  },
};
