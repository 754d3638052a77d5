/** The order of rows, as the head of a column sets it. */
import type { Column, SortValue } from './column.ts';

export interface Sort {
  readonly column: string;
  readonly direction: 'ascending' | 'descending';
}

/**
 * The order after the next press on a column's head: figures from the largest, names from A, then the other way, then the
 * order in which the rows came (null).
 */
export function nextSort<Row>(now: Sort | null, { id, kind }: Column<Row>): Sort | null {
  const first = kind === 'figure' ? 'descending' : 'ascending';
  if (now?.column !== id) return { column: id, direction: first };
  if (now.direction !== first) return null;
  return { column: id, direction: first === 'ascending' ? 'descending' : 'ascending' };
}

/** The rows in that order; equal ones stay as they came, unknown ones come last. */
export function sortRows<Row>(
  rows: readonly Row[],
  columns: readonly Column<Row>[],
  sort: Sort | null,
): readonly Row[] {
  const sortBy = columns.find(({ id }) => id === sort?.column)?.sortBy;
  if (sort === null || sortBy === undefined) return rows;
  const sign = sort.direction === 'ascending' ? 1 : -1;
  return rows
    .map((row) => ({ row, value: sortBy(row) }))
    .sort((a, b) => compare(a.value, b.value, sign))
    .map(({ row }) => row);
}

function compare(a: SortValue, b: SortValue, sign: 1 | -1): number {
  if (a === null || b === null) return a === b ? 0 : a === null ? 1 : -1;
  if (typeof a === 'string' && typeof b === 'string') return a.localeCompare(b, 'en') * sign;
  if (a === b) return 0;
  return a < b ? -sign : sign;
}
