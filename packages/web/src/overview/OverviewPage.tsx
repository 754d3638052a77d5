/** The overview: what was spent, on what, and what is arriving right now. */
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Outlet } from '@tanstack/react-router';
import { useScope } from '../address/scope.ts';
import { api } from '../api.ts';
import { TopBar } from '../frame/TopBar.tsx';
import { useLive } from '../live/live.tsx';
import { Failure } from '../panel/Failure.tsx';
import { BreakdownPanel } from './BreakdownPanel.tsx';
import { Cards } from './Cards.tsx';
import { FirstCall } from './FirstCall.tsx';
import { NewestRequests } from './NewestRequests.tsx';
import { SpendPanel } from './SpendPanel.tsx';
import { UnpricedNotice } from './UnpricedNotice.tsx';

/** Aggregates are asked for again at most this often while events arrive. */
const REFRESH_MS = 2_000;

export function OverviewPage() {
  const scope = useScope();
  const queries = useQueryClient();
  const cards = useQuery(api.overview.cards.queryOptions(scope));
  useLive(() => void queries.invalidateQueries(api.overview.pathFilter()), REFRESH_MS);

  const empty = cards.data !== undefined && cards.data.allTime.since === null;
  return (
    <div className="page">
      <TopBar title="Overview" />
      {cards.error ? (
        <Failure error={cards.error} what="The summary" onRetry={() => void cards.refetch()} />
      ) : null}
      {empty ? (
        <FirstCall />
      ) : (
        <>
          {cards.data === undefined ? null : <UnpricedNotice cards={cards.data} />}
          <Cards cards={cards.data} />
          <div className="split">
            <SpendPanel />
            <BreakdownPanel />
          </div>
          <NewestRequests />
        </>
      )}
      <Outlet />
    </div>
  );
}
