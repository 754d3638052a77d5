/** Spend over time: chart, or the same figures as a table. */
import { SegmentedControl, Select } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { lazy, Suspense, useState } from 'react';
import { useScope, useUrl } from '../address/scope.ts';
import { SPLITS, type Split } from '../address/search.ts';
import { api } from '../api.ts';
import { bucketLabel } from '../charts/labels.ts';
import { partsOf, type Series } from '../charts/parts.ts';
import { ScrollRegion } from '../elements/ScrollRegion.tsx';
import { Amount } from '../figures/Amount.tsx';
import { columnDecimals, formatUsd } from '../format/money.ts';
import { formatPeriod } from '../format/period.ts';
import { Failure } from '../panel/Failure.tsx';

/** Drawn a moment after the figures stand: the charting library is most of the page's code. */
const SpendChart = lazy(() => import('../charts/SpendChart.tsx'));

const SHOWN_GROUPS = 8;

export function SpendPanel() {
  const scope = useScope();
  const { by } = useUrl();
  const navigate = useNavigate();
  const [view, setView] = useState('chart');
  const series = useQuery(
    api.overview.series.queryOptions({ ...scope, by, limit: SHOWN_GROUPS, compare: true }),
  );
  const select = (key: string) =>
    void navigate({ to: '.', search: (previous) => ({ ...previous, [by]: key }) });
  return (
    <section className="card spend" aria-labelledby="spend-title">
      <div className="panel-head">
        <h2 id="spend-title">Spend over time</h2>
        <div style={{ display: 'flex', gap: 8 }}>
          <Select
            aria-label="Stack by"
            w={120}
            size="xs"
            data={Object.keys(SPLITS)}
            value={by}
            allowDeselect={false}
            onChange={(value) =>
              void navigate({
                to: '.',
                search: (previous) => ({ ...previous, by: (value ?? 'model') as Split }),
              })
            }
          />
          <SegmentedControl
            aria-label="Show as"
            size="xs"
            data={['chart', 'table']}
            value={view}
            onChange={setView}
          />
        </div>
      </div>
      {series.error ? (
        <Failure error={series.error} what="Spend over time" onRetry={() => void series.refetch()} />
      ) : series.data === undefined ? (
        <div className="chart-frame skeleton" aria-busy="true" />
      ) : view === 'chart' ? (
        <>
          <p className="visually-hidden">{summary(series.data)}</p>
          <Suspense fallback={<div className="chart-frame" aria-busy="true" />}>
            <SpendChart series={series.data} onSelect={select} />
          </Suspense>
          <p className="panel-note" style={{ margin: '8px 0 0' }}>
            {coverage(series.data)}
          </p>
        </>
      ) : (
        <SeriesTable series={series.data} />
      )}
    </section>
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

function SeriesTable({ series }: { readonly series: Series }) {
  const parts = partsOf(series).map((part) => ({ ...part, decimals: columnDecimals(part.costs) }));
  const decimals = columnDecimals(series.buckets.map((bucket) => bucket.costUsd));
  return (
    <ScrollRegion
      style={{ flex: '1 1 0', minHeight: 290, overflowY: 'auto' }}
      label="Spend over time as a table"
    >
      <table className="figures">
        <thead>
          <tr>
            <th scope="col">{series.bucket}</th>
            <th scope="col" className="num">
              total
            </th>
            {parts.map((part) => (
              <th key={part.key || 'none'} scope="col" className="num">
                {part.label}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {series.buckets.map((bucket, index) => (
            <tr key={bucket.start}>
              <th scope="row">
                {bucketLabel(bucket.label, series.bucket)}
                {bucket.partial ? ' (filling)' : ''}
              </th>
              <td className="num">
                <Amount usd={bucket.costUsd} decimals={decimals} />
              </td>
              {parts.map((part) => (
                <td key={part.key || 'none'} className="num">
                  <Amount usd={part.costs[index] ?? '0'} decimals={part.decimals} />
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </ScrollRegion>
  );
}
