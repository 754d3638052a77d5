/** Words for the time buckets of a series. */
import { formatDay, formatMonth } from '../format/time.ts';

/** `2026-11-22T14:00` → `14:00`, `2026-11-22` → `22 Nov`, `2026-11` → `November 2026`; weeks stay `2026-W47`. */
export function bucketLabel(label: string, bucket: 'hour' | 'day' | 'week' | 'month'): string {
  if (bucket === 'hour') return label.slice(11, 16);
  if (bucket === 'day') return formatDay(label);
  if (bucket === 'month') return formatMonth(label);
  return label;
}
