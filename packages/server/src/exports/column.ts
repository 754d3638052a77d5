/** What a file's columns are made of. */

/**
 * How a value is printed. `amount`: exact decimal, text in JSON. `count`: a number in both. `time`: RFC 3339. `json`: an
 * object, as text in CSV. Only `text` and `json` hold what somebody else wrote.
 */
export type ColumnKind = 'text' | 'amount' | 'count' | 'time' | 'json';

/** One column; `read` answers the value as it is printed, null where there is none. */
export interface ExportColumn<Row> {
  readonly name: string;
  readonly kind: ColumnKind;
  readonly read: (row: Row) => string | null;
}

/** What a cell of text may look like in CSV. `safe`: no spreadsheet takes it for a formula. `exact`: as it is stored. */
export type TextForm = 'safe' | 'exact';
