/** A line the size of a word; the figures it draws are in the chart below it. */
interface SparklineProps {
  readonly values: readonly number[];
  readonly label: string;
}

const WIDTH = 120;
const HEIGHT = 28;

export function Sparkline({ values, label }: SparklineProps) {
  if (values.length < 2) return null;
  const top = Math.max(...values);
  if (top === 0) return null;
  const step = WIDTH / (values.length - 1);
  const points = values.map(
    (value, index) =>
      `${(index * step).toFixed(1)},${(HEIGHT - 2 - (value / top) * (HEIGHT - 4)).toFixed(1)}`,
  );
  return (
    <svg
      viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
      width="100%"
      height={HEIGHT}
      preserveAspectRatio="none"
      role="img"
      aria-label={label}
    >
      <polyline
        points={points.join(' ')}
        fill="none"
        stroke="var(--fg-accent)"
        strokeWidth="1.5"
        vectorEffect="non-scaling-stroke"
      />
    </svg>
  );
}
