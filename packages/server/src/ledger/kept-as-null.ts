/**
 * Values that need no place of their own: null stands for them, in events or in sums. Rows of older releases hold the values
 * themselves; what is written here reads both alike.
 */
import { COUNTS, MONEY, type UsualSum } from './measures.ts';
import type { UsageEvent } from './usage-event.ts';

/** Columns of events and both rollups in which null stands for 0. */
export const SPARSE_COLUMNS: ReadonlySet<string> = new Set(
  [...COUNTS, ...MONEY].filter((row) => 'sparse' in row).map(({ column }) => column),
);

/** Columns of both rollups in which null stands for what others add up to. */
export const USUAL_SUMS: ReadonlyMap<string, UsualSum> = new Map(
  [...COUNTS, ...MONEY].flatMap((row) => ('usually' in row ? [[row.column, row.usually]] : [])),
);

/** Where a column is found, as SQL. */
type Place = (column: string) => string;
const bare: Place = (column) => column;

/** Columns of a table, or of what stands for one in a statement. */
export const ofTable =
  (table: string): Place =>
  (column) =>
    `${table}.${column}`;

/** A measure of a row of `usage_events`, as SQL; null only where it is not known. */
export function storedSql(column: string, of: Place = bare): string {
  return SPARSE_COLUMNS.has(column) ? `coalesce(${of(column)}, 0)` : of(column);
}

/** A sum of a row of rollups, as SQL. Null still stands for 0 where the column is sparse. */
export function keptSumSql(column: string, of: Place = bare): string {
  const usual = usualSumSql(column, of);
  return usual === null ? of(column) : `coalesce(${of(column)}, ${usual})`;
}

/** What null stands for in a column of rollups that others mostly tell, as SQL; null: they do not. */
export function usualSumSql(column: string, of: Place = bare): string | null {
  const usual = USUAL_SUMS.get(column);
  return usual === undefined
    ? null
    : [usual.sum, ...usual.less].map((part) => storedSql(part, of)).join(' - ');
}

/** Texts that nearly all events have in common. */
const COMMONEST = { service_tier: 'standard', usage_source: 'reported' } as const;

/** Columns of `usage_events e` as SQL. Rows of older releases hold the text itself. */
export const USUAL_TEXTS = {
  service_tier: `coalesce(e.service_tier, '${COMMONEST.service_tier}')`,
  usage_source: `coalesce(e.usage_source, '${COMMONEST.usage_source}')`,
  /** Null: none was named. `=`: the very model that answered; what begins with this sign has one more of it. */
  requested_model: `case when e.requested_model = '=' then e.model
    when e.requested_model like '=%' then substr(e.requested_model, 2) else e.requested_model end`,
} as const;

/** The text as it is kept. */
export function keptText(column: keyof typeof COMMONEST, text: string): string | null {
  return text === COMMONEST[column] ? null : text;
}

/** The requested model as it is kept. */
export function keptRequestedModel({
  model,
  requestedModel,
}: Pick<UsageEvent, 'model' | 'requestedModel'>): string | null {
  if (requestedModel === model) return '=';
  return requestedModel?.startsWith('=') ? `=${requestedModel}` : requestedModel;
}
