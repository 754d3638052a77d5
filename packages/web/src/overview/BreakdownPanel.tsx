/** What the money went to: shares as a ring and, below it, the figures. */
import { useQuery } from '@tanstack/react-query';
import { lazy, Suspense } from 'react';
import { useScope, useUrl } from '../address/scope.ts';
import { type ApiOutputs, api } from '../api.ts';
import { colorOf } from '../charts/colors.ts';
import { Note } from '../elements/Note.tsx';
import { Skeleton } from '../elements/Skeleton.tsx';
import { toDrawingNumber } from '../format/money.ts';
import { Panel } from '../panel/Panel.tsx';
import { OTHER_COLOR } from '../theme.ts';
import styles from './BreakdownPanel.module.css';
import { BreakdownTable } from './BreakdownTable.tsx';

const ShareRing = lazy(() => import('../charts/ShareRing.tsx'));

const SHOWN_ROWS = 8;

export function BreakdownPanel() {
  const scope = useScope();
  const { by } = useUrl();
  const breakdown = useQuery(api.overview.breakdown.queryOptions({ ...scope, by, limit: SHOWN_ROWS }));
  const { data } = breakdown;
  return (
    <Panel
      title={`By ${by}`}
      aside={
        data?.other ? (
          <Note as="span">
            {data.rows.length} of {data.groupCount}
          </Note>
        ) : null
      }
      query={breakdown}
      what={`Spend by ${by}`}
      skeleton={<Skeleton of="panel" />}
      isEmpty={({ rows }) => rows.length === 0}
      empty="Nothing was recorded in this range."
    >
      {(found) => (
        <div className={styles['breakdown']}>
          <Suspense fallback={<div className={styles['ring']} />}>
            <ShareRing slices={slicesOf(found)} total={found.total.costUsd} />
          </Suspense>
          <BreakdownTable breakdown={found} />
        </div>
      )}
    </Panel>
  );
}

function slicesOf({ by, rows, other }: ApiOutputs['overview']['breakdown']) {
  const slices = rows.map(({ key, costUsd }) => ({
    key,
    color: colorOf(by, key),
    size: toDrawingNumber(costUsd),
  }));
  return other === null
    ? slices
    : [...slices, { key: 'other', color: OTHER_COLOR, size: toDrawingNumber(other.costUsd) }];
}
