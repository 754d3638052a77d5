import { Swatch } from '../elements/Swatch.tsx';
import { columnDecimals, formatUsdIn, toDrawingNumber } from '../format/money.ts';
import styles from './ChartTip.module.css';
import type { Part, Series } from './parts.ts';

/** One bucket as it is drawn. */
export interface ChartRow {
  readonly index: number;
  readonly label: string;
  readonly partial: boolean;
  readonly previous: number | null;
  readonly parts: readonly number[];
}

interface TipProps {
  readonly series: Series;
  readonly parts: readonly Part[];
  readonly active?: boolean;
  readonly payload?: readonly { readonly payload?: ChartRow }[];
}

/** What hover and the arrow keys show. */
export function ChartTip({ series, parts, active, payload }: TipProps) {
  const row = payload?.[0]?.payload;
  const bucket = row === undefined ? undefined : series.buckets[row.index];
  if (!active || row === undefined || bucket === undefined) return null;
  const shown = parts.map((part) => part.costs[row.index] ?? null);
  const decimals = columnDecimals([bucket.costUsd, bucket.previousCostUsd, ...shown]);
  return (
    <div className={styles['tip']}>
      <div className={styles['row']}>
        <strong>
          {row.label}
          {row.partial ? ' · still filling' : ''}
        </strong>
        <strong>{formatUsdIn(bucket.costUsd, decimals)}</strong>
      </div>
      {parts.map((part) => {
        const cost = part.costs[row.index];
        if (cost === undefined || toDrawingNumber(cost) === 0) return null;
        return (
          <div key={part.key || 'none'} className={styles['row']}>
            <span>
              <Swatch color={part.color} />
              {part.label}
            </span>
            <span>{formatUsdIn(cost, decimals)}</span>
          </div>
        );
      })}
      {bucket.previousCostUsd === null ? null : (
        <div className={styles['row']} data-soft>
          <span>before</span>
          <span>{formatUsdIn(bucket.previousCostUsd, decimals)}</span>
        </div>
      )}
    </div>
  );
}
