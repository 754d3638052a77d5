/** A file as columns over rows, printed as CSV or NDJSON piece by piece. */
import type { ColumnKind, ExportColumn, TextForm } from './column.ts';
import { csvCell } from './csv.ts';

export type { ColumnKind, ExportColumn, TextForm } from './column.ts';

/** The forms a file may have. */
export type FileFormat =
  | { readonly format: 'csv'; readonly text: TextForm }
  | { readonly format: 'ndjson'; readonly text?: TextForm };

export const FORMATS = ['csv', 'ndjson'] as const;

export const MEDIA_TYPES = {
  csv: 'text/csv; charset=utf-8; header=present',
  ndjson: 'application/x-ndjson',
} as const;

/** Rows come in pages. A page is printed as one piece, and only that page is in memory. */
export type Pages<Row> = AsyncIterable<readonly Row[]>;

/**
 * Prints pages of rows. RFC 4180 with a header row, lines ending in CRLF; or one JSON object a line, with every column.
 *
 * @example for await (const piece of printTable(columns, pages, { format: 'csv', text: 'safe' })) socket.write(piece);
 */
export async function* printTable<Row>(
  columns: readonly ExportColumn<Row>[],
  pages: Pages<Row>,
  { format, text = 'safe' }: FileFormat,
): AsyncGenerator<string> {
  if (format === 'csv') yield `${columns.map(({ name }) => csvCell(name, 'text', text)).join(',')}\r\n`;
  const line = format === 'csv' ? csvLine(columns, text) : ndjsonLine(columns);
  for await (const page of pages) {
    for (let at = 0; at < page.length; at += PIECE_ROWS) {
      yield page
        .slice(at, at + PIECE_ROWS)
        .map(line)
        .join('');
    }
  }
}

/** Rows of one piece: large enough to be few, small enough for a socket's buffer. */
const PIECE_ROWS = 200;

const csvLine =
  <Row>(columns: readonly ExportColumn<Row>[], text: TextForm) =>
  (row: Row): string =>
    `${columns.map(({ kind, read }) => csvCell(read(row), kind, text)).join(',')}\r\n`;

const ndjsonLine = <Row>(columns: readonly ExportColumn<Row>[]) => {
  const named = columns.map((column) => ({ ...column, key: `${JSON.stringify(column.name)}:` }));
  return (row: Row): string =>
    `{${named.map(({ key, kind, read }) => key + jsonValue(read(row), kind)).join(',')}}\n`;
};

function jsonValue(value: string | null, kind: ColumnKind): string {
  if (value === null) return 'null';
  return kind === 'count' || kind === 'json' ? value : JSON.stringify(value);
}
