/** A page in its frame: the bar with its title at once, its content as soon as its code is here. */
import { Outlet } from '@tanstack/react-router';
import { type ComponentType, Suspense } from 'react';
import { PageBody } from './PageBody.tsx';
import { TopBar } from './TopBar.tsx';

interface PageFrameProps {
  readonly title: string;
  readonly View: ComponentType;
  /** Shown in place of the view while its code loads. */
  readonly Skeleton: ComponentType;
}

export function PageFrame({ title, View, Skeleton }: PageFrameProps) {
  return (
    <PageBody>
      <TopBar title={title} />
      <Suspense fallback={<Skeleton />}>
        <View />
      </Suspense>
      <Outlet />
    </PageBody>
  );
}
