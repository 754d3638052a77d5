import { describe, expect, test } from 'vitest';
import type { Column } from './column.ts';
import { nextSort, sortRows } from './sort-rows.ts';

interface Row {
  readonly name: string;
  readonly picos: bigint | null;
}
const name: Column<Row> = {
  id: 'name',
  head: 'name',
  kind: 'name',
  cell: () => '',
  sortBy: (row) => row.name,
};
const cost: Column<Row> = {
  id: 'cost',
  head: 'cost',
  kind: 'figure',
  cell: () => '',
  sortBy: (row) => row.picos,
};
const rows: readonly Row[] = [
  { name: 'b', picos: 9_007_199_254_740_993n },
  { name: 'a', picos: null },
  { name: 'c', picos: 9_007_199_254_740_992n },
  { name: 'A', picos: 9_007_199_254_740_993n },
];
const names = (column: string, direction: 'ascending' | 'descending') =>
  sortRows(rows, [name, cost], { column, direction }).map((row) => row.name);

describe('rows', () => {
  test('are sorted by exact amounts, where a float would see no difference', () => {
    expect(names('cost', 'ascending')).toEqual(['c', 'b', 'A', 'a']);
  });

  test('that are equal stay as they came, and unknown ones come last both ways', () => {
    expect(names('cost', 'descending')).toEqual(['b', 'A', 'c', 'a']);
  });

  test('are sorted by name as people read, without regard to case', () => {
    expect(names('name', 'ascending')).toEqual(['a', 'A', 'b', 'c']);
  });

  test('stay as they came without an order, and for a column that has none', () => {
    expect(sortRows(rows, [name, cost], null)).toBe(rows);
    expect(sortRows(rows, [name], { column: 'cost', direction: 'ascending' })).toBe(rows);
  });
});

test('pressing a head goes from the largest figure or the first name to the other end, then back', () => {
  const first = nextSort(null, cost);
  expect(first).toEqual({ column: 'cost', direction: 'descending' });
  expect(nextSort(first, cost)).toEqual({ column: 'cost', direction: 'ascending' });
  expect(nextSort({ column: 'cost', direction: 'ascending' }, cost)).toBeNull();
  expect(nextSort(first, name)).toEqual({ column: 'name', direction: 'ascending' });
});
