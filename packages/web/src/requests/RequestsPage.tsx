/** Every request of the range, newest first. */
import { Button } from '@mantine/core';
import { useInfiniteQuery, useQueryClient } from '@tanstack/react-query';
import { useMixedTenants, useScope, useUrl } from '../address/scope.ts';
import { api } from '../api.ts';
import { Skeleton } from '../elements/Skeleton.tsx';
import { EventTable } from '../event-list/EventTable.tsx';
import { listInput } from '../event-list/list-input.ts';
import { useLive } from '../live/live.ts';
import { Panel } from '../panel/Panel.tsx';

const PAGE_SIZE = 100;
const REFRESH_MS = 2_000;

export function RequestsPage() {
  const scope = useScope();
  const search = useUrl();
  const withTenant = useMixedTenants();
  const queries = useQueryClient();
  const list = useInfiniteQuery(
    api.events.list.infiniteQueryOptions(
      { ...listInput(scope, search), limit: PAGE_SIZE },
      { getNextPageParam: (page) => page.next_cursor },
    ),
  );
  // Only a list that is at its top is refreshed: rows must not move while a user reads further down.
  const atTop = list.data === undefined || list.data.pages.length === 1;
  useLive(() => {
    if (atTop) void queries.invalidateQueries(api.events.list.infiniteQueryFilter());
  }, REFRESH_MS);
  const more = list.hasNextPage ? (
    <div>
      <Button
        variant="default"
        mt={12}
        loading={list.isFetchingNextPage}
        onClick={() => void list.fetchNextPage()}
      >
        Load {PAGE_SIZE} more
      </Button>
    </div>
  ) : null;
  return (
    <Panel
      title={null}
      query={list}
      what="The list of requests"
      skeleton={<Skeleton of="list" />}
      isEmpty={({ pages }) => pages.every((page) => page.events.length === 0)}
      empty="No request of this range matches."
      below={more}
    >
      {({ pages }) => (
        <EventTable
          caption="Requests"
          withTenant={withTenant}
          events={pages.flatMap((page) => page.events)}
          timezone={scope.timezone}
          drawer="/requests/$tenant/$id"
          withDay
        />
      )}
    </Panel>
  );
}
