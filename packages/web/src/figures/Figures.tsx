/** The table of the dashboard: a head that stays in sight, columns that sort, a row of totals. */
import { type ReactNode, useState } from 'react';
import { ScrollRegion } from '../elements/ScrollRegion.tsx';
import type { Column } from './column.ts';
import styles from './Figures.module.css';
import { FiguresHead } from './FiguresHead.tsx';
import { type Sort, sortRows } from './sort-rows.ts';

interface FiguresProps<Row> {
  /** What the table holds, for those who do not see it. */
  readonly caption: string;
  readonly columns: readonly Column<Row>[];
  readonly rows: readonly Row[];
  readonly rowKey: (row: Row) => string;
  /** False if only the server can sort, because not all rows are here. */
  readonly sortable?: boolean;
  /** A row that always stays below the others: "other". */
  readonly last?: Row | null;
  /** What a click on a row does. It needs a link or a button in a cell as well, for the keyboard. */
  readonly onOpen?: (row: Row) => void;
  /** Tints rows: what has just arrived. */
  readonly isFresh?: (row: Row) => boolean;
  /** `within`: the table has a height of its own and scrolls in it; else its head stays at the top of the window. */
  readonly scroll?: 'page' | 'within';
}

export function Figures<Row>(props: FiguresProps<Row>) {
  const { caption, columns, rows, last = null, sortable = true, scroll = 'page' } = props;
  const [sort, setSort] = useState<Sort | null>(null);
  const sorted = sortRows(rows, columns, sort);
  const table = (
    <table className={styles['figures']}>
      <caption className={styles['caption']}>{caption}</caption>
      <FiguresHead columns={columns} sort={sort} onSort={sortable ? setSort : null} />
      <tbody>
        {(last === null ? sorted : [...sorted, last]).map((row) => (
          <FiguresRow key={props.rowKey(row)} row={row} {...props} />
        ))}
      </tbody>
      {columns.some(({ total }) => total !== undefined) ? <FiguresFoot columns={columns} /> : null}
    </table>
  );
  if (scroll === 'within') {
    return (
      <ScrollRegion className={styles['within']} label={caption}>
        {table}
      </ScrollRegion>
    );
  }
  return <div className={styles['page']}>{table}</div>;
}

function FiguresRow<Row>({ row, columns, onOpen, isFresh }: FiguresProps<Row> & { readonly row: Row }) {
  return (
    <tr
      data-opens={onOpen === undefined ? undefined : true}
      data-fresh={isFresh?.(row) || undefined}
      onClick={onOpen === undefined ? undefined : () => onOpen(row)}
    >
      {columns.map((column) => (
        <Cell key={column.id} column={column} title={column.hover?.(row)}>
          {column.cell(row)}
        </Cell>
      ))}
    </tr>
  );
}

interface CellProps<Row> {
  readonly column: Column<Row>;
  readonly title?: string | undefined;
  readonly children: ReactNode;
}

function Cell<Row>({ column: { id, kind, shown }, title, children }: CellProps<Row>) {
  const look = { 'data-column': id, 'data-kind': kind, 'data-shown': shown, title };
  if (kind !== 'heading') return <td {...look}>{children}</td>;
  return (
    <th scope="row" {...look}>
      {children}
    </th>
  );
}

function FiguresFoot<Row>({ columns }: { readonly columns: readonly Column<Row>[] }) {
  return (
    <tfoot>
      <tr>
        {columns.map((column) => (
          <Cell key={column.id} column={column}>
            {column.total}
          </Cell>
        ))}
      </tr>
    </tfoot>
  );
}
