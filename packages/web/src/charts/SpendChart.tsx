/** Spend over time as stacked bars; the last bar is hatched while it is still filling. */
import {
  Bar,
  type BarShapeProps,
  CartesianGrid,
  ComposedChart,
  Line,
  ResponsiveContainer,
  Tooltip,
  XAxis,
  YAxis,
} from 'recharts';
import { toDrawingNumber } from '../format/money.ts';
import { type ChartRow, ChartTip } from './ChartTip.tsx';
import { bucketLabel } from './labels.ts';
import { partsOf, type Series } from './parts.ts';
import styles from './SpendChart.module.css';

interface SpendChartProps {
  readonly series: Series;
  readonly onSelect: (key: string) => void;
}

export default function SpendChart({ series, onSelect }: SpendChartProps) {
  const parts = partsOf(series);
  const rows: ChartRow[] = series.buckets.map((bucket, index) => ({
    index,
    label: bucketLabel(bucket.label, series.bucket),
    partial: bucket.partial,
    previous: bucket.previousCostUsd === null ? null : toDrawingNumber(bucket.previousCostUsd),
    parts: parts.map((part) => toDrawingNumber(part.costs[index] ?? '0')),
  }));
  return (
    <div className={styles['frame']}>
      <ResponsiveContainer width="100%" height="100%">
        <ComposedChart
          data={rows}
          margin={{ top: 8, right: 0, bottom: 0, left: 0 }}
          barCategoryGap="18%"
          accessibilityLayer
        >
          <defs>
            <pattern
              id="filling"
              width="6"
              height="6"
              patternUnits="userSpaceOnUse"
              patternTransform="rotate(45)"
            >
              <rect width="3" height="6" fill="var(--fg-card)" fillOpacity="0.6" />
            </pattern>
          </defs>
          <CartesianGrid vertical={false} stroke="var(--fg-line)" />
          <XAxis
            dataKey="label"
            tickLine={false}
            axisLine={false}
            tick={{ fill: 'var(--fg-ink-soft)', fontSize: 12 }}
            minTickGap={24}
          />
          <YAxis
            width={64}
            tickLine={false}
            axisLine={false}
            tick={{ fill: 'var(--fg-ink-soft)', fontSize: 12 }}
            tickFormatter={axisAmount}
          />
          <Tooltip
            isAnimationActive={false}
            cursor={{ fill: 'var(--fg-raised)' }}
            content={<ChartTip series={series} parts={parts} />}
          />
          {parts.map((part, position) => (
            <Bar
              key={part.key || 'none'}
              stackId="spend"
              isAnimationActive={false}
              name={part.label}
              fill={part.color}
              dataKey={(row: ChartRow) => row.parts[position] ?? 0}
              shape={Segment}
              cursor={part.isOther ? 'default' : 'pointer'}
              onClick={() => (part.isOther ? undefined : onSelect(part.key))}
            />
          ))}
          {series.previous === null ? null : (
            <Line
              dataKey="previous"
              name="before"
              isAnimationActive={false}
              dot={false}
              type="linear"
              stroke="var(--fg-ink-soft)"
              strokeOpacity={0.6}
              strokeDasharray="2 4"
              strokeWidth={1.5}
            />
          )}
        </ComposedChart>
      </ResponsiveContainer>
    </div>
  );
}

function Segment({ x, y, width, height, fill, payload }: BarShapeProps) {
  if (height <= 0) return null;
  const box = { x, y, width, height };
  return (
    <g>
      <rect {...box} fill={fill} />
      {(payload as ChartRow).partial ? <rect {...box} fill="url(#filling)" /> : null}
    </g>
  );
}

function axisAmount(value: number): string {
  if (value === 0) return '$0';
  if (value >= 1_000_000) return `$${value / 1_000_000}M`;
  if (value >= 1000) return `$${value / 1000}k`;
  return value >= 1 ? `$${value}` : `$${Number(value.toPrecision(2))}`;
}
