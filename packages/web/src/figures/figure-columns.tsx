/** Columns that many tables have. */
import { columnDecimals, toPicos } from '../format/money.ts';
import { Amount } from './Amount.tsx';
import { Count } from './Count.tsx';
import type { Column } from './column.ts';

type Rest<Row> = Omit<Column<Row>, 'kind' | 'cell' | 'sortBy'>;

/** Amounts of money with the same number of decimals, from `rows` and what else stands in the column. */
export function amountColumn<Row>(
  rest: Rest<Row>,
  usd: (row: Row) => string | null,
  rows: readonly Row[],
): Column<Row> {
  const decimals = columnDecimals(rows.map(usd));
  return {
    ...rest,
    kind: 'figure',
    cell: (row) => <Amount usd={usd(row)} decimals={decimals} />,
    sortBy: (row) => sortableUsd(usd(row)),
  };
}

/** Counts, short on screen. */
export function countColumn<Row>(rest: Rest<Row>, count: (row: Row) => number): Column<Row> {
  return { ...rest, kind: 'figure', cell: (row) => <Count of={count(row)} />, sortBy: count };
}

/** An amount to sort by, exact. */
export function sortableUsd(usd: string | null): bigint | null {
  return usd === null ? null : toPicos(usd);
}
