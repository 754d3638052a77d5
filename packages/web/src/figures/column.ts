/** Columns of a table, as data. */
import type { ReactNode } from 'react';

/** What rows are compared by; null is unknown and comes last in either direction. */
export type SortValue = bigint | number | string | null;

export interface Column<Row> {
  readonly id: string;
  /** The word above it. */
  readonly head: string;
  /** Shown when the word is pointed at. */
  readonly hint?: string;
  /**
   * `figure` is set to the right and never wrapped; `name` takes the room that is left and is cut; `label` is a short
   * name, cut when it is long; `brief` is never wrapped; `text` wraps; `heading` names its row.
   */
  readonly kind: 'figure' | 'name' | 'label' | 'brief' | 'text' | 'heading';
  readonly cell: (row: Row) => ReactNode;
  /** Shown when a cell is pointed at. */
  readonly hover?: (row: Row) => string;
  /** Makes the column one to sort by. */
  readonly sortBy?: (row: Row) => SortValue;
  /** Its cell in the row of totals. */
  readonly total?: ReactNode;
  /** Where there is room for it: everywhere, on more than a phone, or there and in a table of some width. */
  readonly shown?: 'wide' | 'roomy';
}

/** The columns of one use, in its order. */
export function chooseColumns<Row>(
  columns: readonly Column<Row>[],
  ids: readonly string[],
): readonly Column<Row>[] {
  return ids.flatMap((id) => columns.filter((column) => column.id === id));
}
