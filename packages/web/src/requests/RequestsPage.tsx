/** Every request of the range, newest first. */
import { Button } from '@mantine/core';
import { useInfiniteQuery, useQueryClient } from '@tanstack/react-query';
import { Outlet } from '@tanstack/react-router';
import { useScope, useUrl } from '../address/scope.ts';
import { api } from '../api.ts';
import { EventTable } from '../event-list/EventTable.tsx';
import { listInput } from '../event-list/list-input.ts';
import { TopBar } from '../frame/TopBar.tsx';
import { useLive } from '../live/live.tsx';
import { Failure } from '../panel/Failure.tsx';
import { useSession } from '../session/session.ts';

const PAGE_SIZE = 100;
const REFRESH_MS = 2_000;

export function RequestsPage() {
  const scope = useScope();
  const session = useSession();
  const search = useUrl();
  const queries = useQueryClient();
  const list = useInfiniteQuery(
    api.events.list.infiniteQueryOptions(
      { ...listInput(scope, search), limit: PAGE_SIZE },
      { getNextPageParam: (page) => page.next_cursor },
    ),
  );
  // Only a list that is at its top is refreshed: rows must not move under somebody who is reading further down.
  const atTop = list.data === undefined || list.data.pages.length === 1;
  useLive(() => {
    if (atTop) void queries.invalidateQueries(api.events.list.infiniteQueryFilter());
  }, REFRESH_MS);

  const events = list.data?.pages.flatMap((page) => page.events) ?? [];
  return (
    <div className="page">
      <TopBar title="Requests" />
      <section className="card" aria-label="Requests">
        {list.error ? (
          <Failure error={list.error} what="The list of requests" onRetry={() => void list.refetch()} />
        ) : list.data === undefined ? (
          <div className="skeleton" style={{ height: 400 }} aria-busy="true" />
        ) : events.length === 0 ? (
          <p className="panel-note">No request of this range matches.</p>
        ) : (
          <EventTable
            withTenant={scope.tenant === undefined && session.tenants.length > 1}
            events={events}
            timezone={scope.timezone}
            drawer="/requests/$tenant/$id"
            withDay
          />
        )}
        {list.hasNextPage ? (
          <Button
            variant="default"
            mt={12}
            loading={list.isFetchingNextPage}
            onClick={() => void list.fetchNextPage()}
          >
            Load {PAGE_SIZE} more
          </Button>
        ) : null}
      </section>
      <Outlet />
    </div>
  );
}
