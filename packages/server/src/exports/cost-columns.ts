/** The columns of an export of sums: a bucket, the values of its group, the measures asked for. */
import { printUsd } from '@farthing/pricing';
import type { Dimension } from '../costs/cost-query.ts';
import {
  averageLatencyMs,
  cacheHitSharePct,
  costPerRequest,
  type DerivedMeasure,
  errorRatePct,
  latencyQuantileMs,
  type Measure,
  type SumsOf,
} from '../costs/measures.ts';
import { COUNTS, type CountMeasure, MONEY, type Money } from '../ledger/measures.ts';
import { plainNumber } from './plain-number.ts';
import type { ExportColumn } from './table.ts';

/** Sums of one group in one bucket. */
export interface CostRow {
  /** Null without buckets. */
  readonly bucket: string | null;
  readonly from: string;
  readonly to: string;
  /** Null where the row sums the groups that are not named. */
  readonly values: readonly string[] | null;
  /** How many groups the row sums. */
  readonly groups: number;
  readonly sums: SumsOf<Measure>;
}

type Printed = Pick<ExportColumn<SumsOf<Measure>>, 'name' | 'kind' | 'read'>;

const usd = (name: string, read: (sums: SumsOf<Measure>) => bigint | null): Printed => ({
  name: `${name}_usd`,
  kind: 'amount',
  read: (sums) => {
    const picos = read(sums);
    return picos === null ? null : printUsd(picos);
  },
});
const number = (name: string, read: (sums: SumsOf<Measure>) => number | null): Printed => ({
  name,
  kind: 'count',
  read: (sums) => {
    const value = read(sums);
    return value === null ? null : plainNumber(value);
  },
});

/** A sum, by the table of measures. */
const summed = (row: Money | CountMeasure): Printed | null => {
  if (row.measure === null) return null;
  if (row.type === 'money') return usd(row.measure, (sums) => sums[row.sum]);
  return number(row.measure, (sums) => sums[row.sum]);
};

const DERIVED: { readonly [M in DerivedMeasure]: Printed } = {
  cost_per_request: usd('cost_per_request', costPerRequest),
  cache_hit_share: number('cache_hit_share_pct', cacheHitSharePct),
  error_rate: number('error_rate_pct', errorRatePct),
  latency_avg: number('latency_avg_ms', averageLatencyMs),
  latency_p50: number('latency_p50_ms', (sums) => latencyQuantileMs(sums, 0.5)),
  latency_p95: number('latency_p95_ms', (sums) => latencyQuantileMs(sums, 0.95)),
  latency_p99: number('latency_p99_ms', (sums) => latencyQuantileMs(sums, 0.99)),
};

const PRINTED = new Map<string, Printed>([
  ...[...MONEY, ...COUNTS].flatMap((row): [string, Printed][] => {
    const printed = summed(row);
    return printed === null || row.measure === null ? [] : [[row.measure, printed]];
  }),
  ...Object.entries(DERIVED),
]);

/** Columns in the order of `groupBy` and `measures`. A value is empty where the calls have none. */
export function costColumns(
  groupBy: readonly Dimension[],
  measures: readonly Measure[],
): readonly ExportColumn<CostRow>[] {
  return [
    { name: 'bucket', kind: 'text', read: (row) => row.bucket },
    { name: 'from', kind: 'time', read: (row) => row.from },
    { name: 'to', kind: 'time', read: (row) => row.to },
    ...groupBy.map((name, index): ExportColumn<CostRow> => {
      return { name, kind: 'text', read: (row) => row.values?.[index] || null };
    }),
    { name: 'groups', kind: 'count', read: (row) => String(row.groups) },
    ...measures.map((measure): ExportColumn<CostRow> => {
      const printed = PRINTED.get(measure);
      if (printed === undefined) throw new TypeError(`"${measure}" has no column`);
      const { name, kind, read } = printed;
      return { name, kind, read: (row) => read(row.sums) };
    }),
  ];
}
