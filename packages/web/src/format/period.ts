/** Names of periods for people; the API names them by their dates. */
import { formatDay, formatMonth } from './time.ts';

const RANGE = /^(\d{4}-\d{2}-\d{2}) – (\d{4}-\d{2}-\d{2})$/;

/**
 * `2026-10-01 – 2026-10-22` → `1–22 Oct`, `2026-11-21` → `21 Nov`, `2026-10` → `October 2026`; anything else stays.
 */
export function formatPeriod(label: string): string {
  const range = RANGE.exec(label);
  if (range !== null) return formatDays(range[1] ?? '', range[2] ?? '');
  if (/^\d{4}-\d{2}-\d{2}$/.test(label)) return formatDay(label);
  if (/^\d{4}-\d{2}$/.test(label)) return formatMonth(label);
  return label;
}

function formatDays(from: string, to: string): string {
  if (from === to) return formatDay(from);
  const sameMonth = from.slice(0, 7) === to.slice(0, 7);
  return sameMonth ? `${Number(from.slice(8))}–${formatDay(to)}` : `${formatDay(from)} – ${formatDay(to)}`;
}
