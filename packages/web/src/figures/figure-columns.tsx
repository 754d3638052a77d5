/** Columns that many tables have. */
import { columnDecimals, toPicos } from '../format/money.ts';
import { Amount } from './Amount.tsx';
import { Count } from './Count.tsx';
import type { Column } from './column.ts';
import { hasNoPrice, Spend, type Spending } from './Spend.tsx';

type Rest<Row> = Omit<Column<Row>, 'kind' | 'cell' | 'sortBy'>;

/** Amounts of money with the same number of decimals, from `rows` and the column's other amounts. */
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
    sortBy: (row) => {
      const amount = usd(row);
      return amount === null ? null : toPicos(amount);
    },
  };
}

/** What the requests of a row cost together: unknown, or "at least", where some have no price. `total` is their sum. */
export function spendColumn<Row extends Spending>(
  rest: Omit<Rest<Row>, 'total'>,
  rows: readonly Row[],
  total?: Spending,
): Column<Row> {
  const shown = total === undefined ? rows : [...rows, total];
  const decimals = columnDecimals(shown.map(({ costUsd }) => costUsd));
  return {
    ...rest,
    kind: 'figure',
    cell: (row) => <Spend of={row} decimals={decimals} />,
    sortBy: (row) => (hasNoPrice(row) ? null : toPicos(row.costUsd)),
    ...(total === undefined ? {} : { total: <Spend of={total} decimals={decimals} /> }),
  };
}

/** Counts, short on screen. */
export function countColumn<Row>(rest: Rest<Row>, count: (row: Row) => number): Column<Row> {
  return { ...rest, kind: 'figure', cell: (row) => <Count of={count(row)} />, sortBy: count };
}
