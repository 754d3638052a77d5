/** The head of a table; the head of a sortable column is a button. */
import type { Column } from './column.ts';
import styles from './FiguresHead.module.css';
import { nextSort, type Sort } from './sort-rows.ts';

interface FiguresHeadProps<Row> {
  readonly columns: readonly Column<Row>[];
  readonly sort: Sort | null;
  /** Null: the rows cannot be sorted here. */
  readonly onSort: ((sort: Sort | null) => void) | null;
}

export function FiguresHead<Row>({ columns, sort, onSort }: FiguresHeadProps<Row>) {
  return (
    <thead className={styles['head']}>
      <tr>
        {columns.map((column) => {
          const direction = sort?.column === column.id ? sort.direction : undefined;
          return (
            <th
              key={column.id}
              scope="col"
              data-kind={column.kind}
              data-shown={column.shown}
              aria-sort={direction}
              title={column.hint}
            >
              {column.sortBy === undefined || onSort === null ? (
                column.head
              ) : (
                <button
                  type="button"
                  className={styles['sort']}
                  onClick={() => onSort(nextSort(sort, column))}
                >
                  {column.head}
                </button>
              )}
            </th>
          );
        })}
      </tr>
    </thead>
  );
}
