/** The composite types that rows travel as. Adding a measure raises names here, and only here. */

/**
 * Names of the types in the database. A column more needs a new type, made by the migration that adds the column
 * (CONTRIBUTING.md, "Add a measure"); servers of an older release go on with the old one.
 */
export const ROW_TYPES = {
  eventId: 'event_id_row',
  event: 'usage_event_row_5',
  quarterHour: 'rollup_15m_row_4',
  day: 'rollup_day_row_4',
} as const;

/** Their object ids, which binary arrays name; they differ from database to database. */
export type RowTypes = { readonly [T in keyof typeof ROW_TYPES]: number };
