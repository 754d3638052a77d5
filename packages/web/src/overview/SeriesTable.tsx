/** A series as a table: a row per bucket, a column per part. */
import { bucketLabel } from '../charts/labels.ts';
import { partsOf, type Series } from '../charts/parts.ts';
import type { Column } from '../figures/column.ts';
import { Figures } from '../figures/Figures.tsx';
import { amountColumn } from '../figures/figure-columns.tsx';

interface Row {
  readonly index: number;
  readonly label: string;
  readonly start: string;
  readonly costUsd: string;
}

interface SeriesTableProps {
  readonly caption: string;
  readonly series: Series;
}

export function SeriesTable({ caption, series }: SeriesTableProps) {
  const rows = series.buckets.map(({ label, partial, start, costUsd }, index) => ({
    index,
    label: `${bucketLabel(label, series.bucket)}${partial ? ' (filling)' : ''}`,
    start,
    costUsd,
  }));
  return (
    <Figures
      caption={`${caption} as a table`}
      columns={columns(series, rows)}
      rows={rows}
      rowKey={({ start }) => start}
      scroll="within"
    />
  );
}

function columns(series: Series, rows: readonly Row[]): readonly Column<Row>[] {
  return [
    {
      id: 'bucket',
      head: series.bucket,
      kind: 'heading',
      cell: ({ label }) => label,
      sortBy: ({ index }) => index,
    },
    amountColumn({ id: 'total', head: 'total' }, (row) => row.costUsd, rows),
    ...partsOf(series).map((part) =>
      amountColumn(
        { id: `part ${part.key}`, head: part.label },
        (row: Row) => part.costs[row.index] ?? '0',
        rows,
      ),
    ),
  ];
}
