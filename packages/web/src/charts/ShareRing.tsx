/** Shares of a whole as a ring; the table beside it carries the figures, so it is hidden from screen readers. */
import { Pie, PieChart } from 'recharts';
import { formatUsd } from '../format/money.ts';
import styles from './ShareRing.module.css';

export interface Slice {
  readonly key: string;
  readonly color: string;
  readonly size: number;
}

export default function ShareRing({
  slices,
  total,
}: {
  readonly slices: readonly Slice[];
  readonly total: string;
}) {
  const drawn = slices
    .filter((slice) => slice.size > 0)
    .map((slice) => ({ name: slice.key || 'none', value: slice.size, fill: slice.color }));
  return (
    <div className={styles['ring']} aria-hidden="true">
      <PieChart width={132} height={132} accessibilityLayer={false}>
        <Pie
          data={drawn}
          dataKey="value"
          nameKey="name"
          innerRadius={46}
          outerRadius={64}
          startAngle={90}
          endAngle={-270}
          isAnimationActive={false}
          rootTabIndex={-1}
          stroke="var(--fg-card)"
          strokeWidth={drawn.length > 1 ? 2 : 0}
        />
      </PieChart>
      <span>{formatUsd(total)}</span>
    </div>
  );
}
