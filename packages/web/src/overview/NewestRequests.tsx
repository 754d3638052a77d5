/** The newest requests, arriving as they happen. */
import { keepPreviousData, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useEffect, useRef, useState } from 'react';
import { useMixedTenants, useScope, useUrl } from '../address/scope.ts';
import { api } from '../api.ts';
import { Note } from '../elements/Note.tsx';
import { Skeleton } from '../elements/Skeleton.tsx';
import type { ListedEvent } from '../event/types.ts';
import { EventTable } from '../event-list/EventTable.tsx';
import { listInput } from '../event-list/list-input.ts';
import { useLive } from '../live/live.ts';
import { Panel } from '../panel/Panel.tsx';

const TITLE = 'Newest requests';
const SHOWN = 12;
const REFRESH_MS = 300;
const FRESH_MS = 4_000;

export function NewestRequests() {
  const scope = useScope();
  const search = useUrl();
  const withTenant = useMixedTenants();
  const queries = useQueryClient();
  const input = { ...listInput(scope, search), limit: SHOWN };
  const newest = useQuery(api.events.list.queryOptions(input, { placeholderData: keepPreviousData }));
  useLive(() => void queries.invalidateQueries(api.events.list.queryFilter()), REFRESH_MS);
  const fresh = useFresh(newest.data?.events);
  return (
    <Panel
      title={TITLE}
      aside={
        <Note as="span">
          <Link to="/requests" search={(previous) => previous}>
            all requests
          </Link>
        </Note>
      }
      query={newest}
      what="The newest requests"
      skeleton={<Skeleton of="panel" />}
      isEmpty={({ events }) => events.length === 0}
      empty="No request in this range. A new one appears here by itself."
    >
      {({ events }) => (
        <EventTable
          caption={TITLE}
          withTenant={withTenant}
          events={events}
          timezone={scope.timezone}
          drawer="/event/$tenant/$id"
          fresh={fresh}
          withDay={scope.from.length === 10}
        />
      )}
    </Panel>
  );
}

/** Ids that are new since the last fetch; they are tinted for a moment. */
function useFresh(events: readonly ListedEvent[] | undefined): ReadonlySet<string> {
  const seen = useRef<ReadonlySet<string> | null>(null);
  const [fresh, setFresh] = useState<ReadonlySet<string>>(new Set());
  useEffect(() => {
    if (events === undefined) return;
    const before = seen.current;
    seen.current = new Set(events.map((event) => event.id));
    if (before === null) return;
    const arrived = events.filter((event) => !before.has(event.id)).map((event) => event.id);
    if (arrived.length === 0) return;
    setFresh(new Set(arrived));
    const timer = setTimeout(() => setFresh(new Set()), FRESH_MS);
    return () => clearTimeout(timer);
  }, [events]);
  return fresh;
}
