/** The overview: what was spent, on what, and what is arriving right now. */
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useScope } from '../address/scope.ts';
import { api } from '../api.ts';
import { useLive } from '../live/live.ts';
import { Asked } from '../panel/Asked.tsx';
import { BreakdownPanel } from './BreakdownPanel.tsx';
import { FigureCards } from './FigureCards.tsx';
import { FirstCall } from './FirstCall.tsx';
import styles from './layout.module.css';
import { NewestRequests } from './NewestRequests.tsx';
import { FigureCardSkeletons } from './OverviewSkeleton.tsx';
import { SpendPanel } from './SpendPanel.tsx';
import { UnpricedNotice } from './UnpricedNotice.tsx';

/** Aggregates are asked for again at most this often while events arrive. */
const REFRESH_MS = 2_000;

export function OverviewPage() {
  const scope = useScope();
  const queries = useQueryClient();
  const cards = useQuery(api.overview.cards.queryOptions(scope));
  useLive(() => void queries.invalidateQueries(api.overview.pathFilter()), REFRESH_MS);

  if (cards.data !== undefined && cards.data.allTime.since === null) return <FirstCall />;
  return (
    <>
      <Asked query={cards} what="The summary" skeleton={<FigureCardSkeletons />}>
        {(figures) => (
          <>
            <UnpricedNotice cards={figures} />
            <FigureCards cards={figures} />
          </>
        )}
      </Asked>
      <div className={styles['split']}>
        <SpendPanel />
        <BreakdownPanel />
      </div>
      <NewestRequests />
    </>
  );
}
