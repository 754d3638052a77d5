/** One request, opened over a page. Has its own address. */
import type { PagePath } from '@farthing/contract/pages';
import { Drawer } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { lazyRouteComponent, useNavigate, useParams } from '@tanstack/react-router';
import { Suspense, useState } from 'react';
import { api } from '../api.ts';
import { Skeleton } from '../elements/Skeleton.tsx';
import { Asked } from '../panel/Asked.tsx';

const EventDetails = lazyRouteComponent(() => import('./EventDetails.tsx'), 'EventDetails');

/** @param props.pagePath the page below it, to which closing it leads */
export function EventDrawer({ pagePath }: { readonly pagePath: PagePath }) {
  const { tenant = '', id = '' } = useParams({ strict: false });
  const navigate = useNavigate();
  const [opener] = useState(() => document.activeElement);
  const event = useQuery(api.events.get.queryOptions({ tenant, id }));
  const skeleton = <Skeleton of="detail" />;
  return (
    <Drawer
      opened
      position="right"
      size={620}
      title="Request"
      overlayProps={{ backgroundOpacity: 0.25 }}
      closeButtonProps={{ 'aria-label': 'Close' }}
      onClose={() =>
        void navigate({ to: pagePath, search: (previous) => previous }).then(() => giveFocusTo(opener))
      }
    >
      <Asked query={event} what="The request" skeleton={skeleton}>
        {(found) => (
          <Suspense fallback={skeleton}>
            <EventDetails event={found} />
          </Suspense>
        )}
      </Asked>
    </Drawer>
  );
}

/** Back to the row that was opened; to the page if that row has gone, or if the request was opened by its address. */
function giveFocusTo(opener: Element | null): void {
  const row = opener instanceof HTMLElement && opener.isConnected && opener !== document.body ? opener : null;
  (row ?? document.getElementById('content'))?.focus();
}

/** Fetches the code that shows a request, before one is opened. */
export function preloadEventDetails(): void {
  void EventDetails.preload?.();
}
