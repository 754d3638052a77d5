/** Columns of a file. */

/**
 * How a value is printed. `amount`: exact decimal, text in JSON. `count`: a number in both. `time`: RFC 3339. `json`: an
 * object, as text in CSV. Only `text` and `json` hold text written by callers.
 */
export type ColumnKind = 'text' | 'amount' | 'count' | 'time' | 'json';

/** One column; `read` answers the value as it is printed, null where there is none. */
export interface ExportColumn<Row> {
  readonly name: string;
  readonly kind: ColumnKind;
  readonly read: (row: Row) => string | null;
}

/** How text is written in CSV. `safe`: no spreadsheet reads it as a formula. `exact`: as stored. */
export type TextForm = 'safe' | 'exact';
