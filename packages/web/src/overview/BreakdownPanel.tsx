/** What the money went to: shares as a ring and, beside it, the figures. */
import { useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { lazy, Suspense } from 'react';
import { useScope, useUrl } from '../address/scope.ts';
import { api } from '../api.ts';
import { colorOf } from '../charts/colors.ts';
import { Count } from '../figures/Count.tsx';
import { hasNoPrice, Spend } from '../figures/Spend.tsx';
import { formatChange, formatPercent } from '../format/count.ts';
import { columnDecimals, toDrawingNumber } from '../format/money.ts';
import { formatPeriod } from '../format/period.ts';
import { Failure } from '../panel/Failure.tsx';
import { OTHER_COLOR } from '../theme.ts';

const ShareRing = lazy(() => import('../charts/ShareRing.tsx'));

const SHOWN_ROWS = 8;

export function BreakdownPanel() {
  const scope = useScope();
  const { by } = useUrl();
  const navigate = useNavigate();
  const breakdown = useQuery(api.overview.breakdown.queryOptions({ ...scope, by, limit: SHOWN_ROWS }));
  const data = breakdown.data;
  const decimals = columnDecimals(
    data === undefined ? [] : [...data.rows, data.other, data.total].map((one) => one?.costUsd ?? null),
  );
  const select = (key: string) =>
    void navigate({ to: '.', search: (previous) => ({ ...previous, [by]: key }) });
  return (
    <section className="card" aria-labelledby="breakdown-title">
      <div className="panel-head">
        <h2 id="breakdown-title">By {by}</h2>
        {data?.other ? (
          <span className="panel-note">
            {data.rows.length} of {data.groupCount}
          </span>
        ) : null}
      </div>
      {breakdown.error ? (
        <Failure error={breakdown.error} what={`Spend by ${by}`} onRetry={() => void breakdown.refetch()} />
      ) : data === undefined ? (
        <div className="skeleton" style={{ height: 280 }} aria-busy="true" />
      ) : data.rows.length === 0 ? (
        <p className="panel-note">Nothing was recorded in this range.</p>
      ) : (
        <div className="breakdown">
          <Suspense fallback={<div className="share-ring" />}>
            <ShareRing
              slices={[
                ...data.rows.map((row) => ({
                  key: row.key,
                  color: colorOf(by, row.key),
                  size: toDrawingNumber(row.costUsd),
                })),
                ...(data.other === null
                  ? []
                  : [{ key: 'other', color: OTHER_COLOR, size: toDrawingNumber(data.other.costUsd) }]),
              ]}
              total={data.total.costUsd}
            />
          </Suspense>
          <div className="table-scroll">
            <table className="figures">
              <thead>
                <tr>
                  <th scope="col">{by}</th>
                  <th scope="col" className="num">
                    spend
                  </th>
                  <th scope="col" className="num">
                    share
                  </th>
                  <th
                    scope="col"
                    className="num wide-only"
                    title={`against ${formatPeriod(data.previous.label)}`}
                  >
                    change
                  </th>
                  <th scope="col" className="num wide-only roomy">
                    requests
                  </th>
                </tr>
              </thead>
              <tbody>
                {data.rows.map((row) => (
                  <tr key={`${row.provider}/${row.key}`}>
                    <td className="name">
                      <button
                        type="button"
                        className="row-button"
                        onClick={() => select(row.key)}
                        title={row.provider === null ? row.key : `${row.key} at ${row.provider}`}
                      >
                        <span className="swatch" style={{ background: colorOf(by, row.key) }} />
                        {row.key || `no ${by}`}
                      </button>
                    </td>
                    <td className="num">
                      <Spend of={row} decimals={decimals} />
                    </td>
                    <td className="num">{hasNoPrice(row) ? '—' : formatPercent(row.sharePct)}</td>
                    <td className="num wide-only">
                      {row.changePct === null ? (
                        <span title={`nothing in ${formatPeriod(data.previous.label)}`}>new</span>
                      ) : (
                        formatChange(row.changePct)
                      )}
                    </td>
                    <td className="num wide-only roomy">
                      <Count of={row.requests} />
                    </td>
                  </tr>
                ))}
                {data.other === null ? null : (
                  <tr>
                    <td className="name">
                      <span className="swatch" style={{ background: OTHER_COLOR }} />
                      other
                    </td>
                    <td className="num">
                      <Spend of={data.other} decimals={decimals} />
                    </td>
                    <td className="num">{formatPercent(data.other.sharePct)}</td>
                    <td className="num wide-only" />
                    <td className="num wide-only roomy">
                      <Count of={data.other.requests} />
                    </td>
                  </tr>
                )}
              </tbody>
              <tfoot>
                <tr>
                  <td>total</td>
                  <td className="num">
                    <Spend of={data.total} decimals={decimals} />
                  </td>
                  <td />
                  <td className="num wide-only">
                    {data.total.changePct === null ? '' : formatChange(data.total.changePct)}
                  </td>
                  <td className="num wide-only roomy">
                    <Count of={data.total.requests} />
                  </td>
                </tr>
              </tfoot>
            </table>
          </div>
        </div>
      )}
    </section>
  );
}
