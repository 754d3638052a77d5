/** Spend over time: chart, or the same figures as a table. */
import { SegmentedControl, Select, VisuallyHidden } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { lazy, Suspense, useState } from 'react';
import { useChangeUrl, useScope, useUrl } from '../address/scope.ts';
import { SPLITS, type Split } from '../address/search.ts';
import { api } from '../api.ts';
import type { Series } from '../charts/parts.ts';
import { Note } from '../elements/Note.tsx';
import { Skeleton } from '../elements/Skeleton.tsx';
import { formatUsd } from '../format/money.ts';
import { formatPeriod } from '../format/period.ts';
import { Panel } from '../panel/Panel.tsx';
import { SeriesTable } from './SeriesTable.tsx';
import styles from './SpendPanel.module.css';

/** Drawn a moment after the figures: the charting library is most of the page's code. */
const SpendChart = lazy(() => import('../charts/SpendChart.tsx'));

const TITLE = 'Spend over time';
const SHOWN_GROUPS = 8;

type View = 'chart' | 'table';

export function SpendPanel() {
  const scope = useScope();
  const { by } = useUrl();
  const [view, setView] = useState<View>('chart');
  const series = useQuery(
    api.overview.series.queryOptions({ ...scope, by, limit: SHOWN_GROUPS, compare: true }),
  );
  return (
    <Panel
      title={TITLE}
      aside={<Choices view={view} onView={setView} />}
      query={series}
      what={TITLE}
      skeleton={<Skeleton of="chart" />}
    >
      {(data) =>
        view === 'chart' ? <SeriesChart series={data} /> : <SeriesTable caption={TITLE} series={data} />
      }
    </Panel>
  );
}

interface ChoicesProps {
  readonly view: View;
  readonly onView: (view: View) => void;
}

function Choices({ view, onView }: ChoicesProps) {
  const { by } = useUrl();
  const change = useChangeUrl();
  return (
    <div className={styles['choices']}>
      <Select<Split>
        aria-label="Stack by"
        w={120}
        size="xs"
        data={[...SPLITS]}
        value={by}
        allowDeselect={false}
        onChange={(value) => (value === null ? undefined : change({ by: value }))}
      />
      <SegmentedControl<View>
        aria-label="Show as"
        size="xs"
        data={['chart', 'table']}
        value={view}
        onChange={onView}
      />
    </div>
  );
}

function SeriesChart({ series }: { readonly series: Series }) {
  const { by } = useUrl();
  const change = useChangeUrl();
  return (
    <>
      <VisuallyHidden component="p">{summary(series)}</VisuallyHidden>
      <Suspense fallback={<div className={styles['coming']} aria-busy="true" />}>
        <SpendChart series={series} onSelect={(key) => change({ [by]: key })} />
      </Suspense>
      <div className={styles['coverage']}>
        <Note tight>{coverage(series)}</Note>
      </div>
    </>
  );
}

/** "8 of 23 models · dotted: 24 Sep – 23 Oct". */
function coverage(series: Series): string {
  const shown = series.groups.length;
  const groups =
    series.other === null
      ? `${shown} ${plural(series.by, shown)}`
      : `${shown} of ${series.groupCount} ${plural(series.by, series.groupCount)}, the rest as other`;
  const compared = series.previous === null ? '' : ` · dotted: ${formatPeriod(series.previous.label)}`;
  return `${groups}${compared} · ${series.timezone}`;
}

function plural(noun: string, count: number): string {
  return count === 1 ? noun : `${noun}s`;
}

function summary(series: Series): string {
  const top = series.groups[0];
  const most =
    top === undefined ? '' : ` Most of it: ${top.key || `no ${series.by}`}, ${formatUsd(top.costUsd)}.`;
  return `${formatUsd(series.totalCostUsd)} over ${series.buckets.length} ${series.bucket}s.${most}`;
}
