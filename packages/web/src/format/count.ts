/** Counts and shares for people. */

const STEPS = [
  { from: 1_000_000_000_000, unit: 'T' },
  { from: 1_000_000_000, unit: 'B' },
  { from: 1_000_000, unit: 'M' },
  { from: 10_000, unit: 'k', divisor: 1_000 },
] as const;

/** `812`, `9,812`, `12.4k`, `1.24M`: three significant digits from ten thousand on; the exact count is for hover. */
export function formatCount(count: number): string {
  for (const step of STEPS) {
    if (Math.abs(count) < step.from) continue;
    const value = count / ('divisor' in step ? step.divisor : step.from);
    return `${trim(value)}${step.unit}`;
  }
  return count.toLocaleString('en-US');
}

/** Every digit with separators. */
export function formatCountExact(count: number): string {
  return count.toLocaleString('en-US');
}

/** One digit after the point: `12.4 %`; tiny but present shares say so: `<0.1 %`. */
export function formatPercent(percent: number): string {
  if (percent > 0 && percent < 0.1) return '<0.1 %';
  return `${percent.toFixed(1)} %`;
}

/** A change with its sign: `+12.4 %`, `−3.0 %`, `±0.0 %`. */
export function formatChange(percent: number): string {
  const text = `${Math.abs(percent).toFixed(1)} %`;
  if (text === '0.0 %') return `±${text}`;
  return percent > 0 ? `+${text}` : `−${text}`;
}

/** `2.1 s`, `340 ms`. */
export function formatLatency(milliseconds: number): string {
  return milliseconds < 1000 ? `${Math.round(milliseconds)} ms` : `${(milliseconds / 1000).toFixed(1)} s`;
}

function trim(value: number): string {
  return value >= 100 ? value.toFixed(0) : value >= 10 ? value.toFixed(1) : value.toFixed(2);
}
