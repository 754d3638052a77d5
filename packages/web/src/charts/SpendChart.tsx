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
import { columnDecimals, formatUsdIn, toDrawingNumber } from '../format/money.ts';
import { bucketLabel } from './labels.ts';
import { type Part, partsOf, type Series } from './parts.ts';

interface SpendChartProps {
  readonly series: Series;
  readonly onSelect: (key: string) => void;
}

interface Row {
  readonly index: number;
  readonly label: string;
  readonly partial: boolean;
  readonly previous: number | null;
  readonly parts: readonly number[];
}

export default function SpendChart({ series, onSelect }: SpendChartProps) {
  const parts = partsOf(series);
  const rows: Row[] = series.buckets.map((bucket, index) => ({
    index,
    label: bucketLabel(bucket.label, series.bucket),
    partial: bucket.partial,
    previous: bucket.previousCostUsd === null ? null : toDrawingNumber(bucket.previousCostUsd),
    parts: parts.map((part) => toDrawingNumber(part.costs[index] ?? '0')),
  }));
  return (
    <div className="chart-frame">
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
            content={<Tip series={series} parts={parts} />}
          />
          {parts.map((part, position) => (
            <Bar
              key={part.key || 'none'}
              stackId="spend"
              isAnimationActive={false}
              name={part.label}
              fill={part.color}
              dataKey={(row: Row) => row.parts[position] ?? 0}
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
      {(payload as Row).partial ? <rect {...box} fill="url(#filling)" /> : null}
    </g>
  );
}

interface TipProps {
  readonly series: Series;
  readonly parts: readonly Part[];
  readonly active?: boolean;
  readonly payload?: readonly { readonly payload?: Row }[];
}

/** What hover and the arrow keys show. */
function Tip({ series, parts, active, payload }: TipProps) {
  const row = payload?.[0]?.payload;
  const bucket = row === undefined ? undefined : series.buckets[row.index];
  if (!active || row === undefined || bucket === undefined) return null;
  const shown = parts.map((part) => part.costs[row.index] ?? null);
  const decimals = columnDecimals([bucket.costUsd, bucket.previousCostUsd, ...shown]);
  return (
    <div className="chart-tip">
      <div className="chart-tip-row">
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
          <div key={part.key || 'none'} className="chart-tip-row">
            <span>
              <span className="swatch" style={{ background: part.color }} />
              {part.label}
            </span>
            <span>{formatUsdIn(cost, decimals)}</span>
          </div>
        );
      })}
      {bucket.previousCostUsd === null ? null : (
        <div className="chart-tip-row panel-note">
          <span>before</span>
          <span>{formatUsdIn(bucket.previousCostUsd, decimals)}</span>
        </div>
      )}
    </div>
  );
}

function axisAmount(value: number): string {
  if (value === 0) return '$0';
  if (value >= 1_000_000) return `$${value / 1_000_000}M`;
  if (value >= 1000) return `$${value / 1000}k`;
  return value >= 1 ? `$${value}` : `$${Number(value.toPrecision(2))}`;
}
