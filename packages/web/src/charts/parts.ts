/** The parts of a stacked series in drawing order; the chart and its table view share them. */
import type { ApiOutputs } from '../api.ts';
import { OTHER_COLOR } from '../theme.ts';
import { colorOf } from './colors.ts';

export type Series = ApiOutputs['overview']['series'];

/** One stacked part: its place in the arrays of a bucket. */
export interface Part {
  readonly key: string;
  readonly label: string;
  readonly color: string;
  readonly costs: readonly string[];
  readonly isOther: boolean;
}

/** Groups in drawing order with their colours; shared with the table beside the chart. */
export function partsOf(series: Series): readonly Part[] {
  const named = series.groups.map((group) => ({
    key: group.key,
    label: group.key === '' ? `no ${series.by}` : group.key,
    color: colorOf(series.by, group.key),
    costs: group.costsUsd,
    isOther: false,
  }));
  if (series.other === null) return named;
  return [
    ...named,
    { key: 'other', label: 'other', color: OTHER_COLOR, costs: series.other.costsUsd, isOther: true },
  ];
}
