/** Columns of the sums in the tables, and reading a row of them. */
import { parseUsd } from '@farthing/pricing';
import { COUNTS, type Measured, MONEY } from '../../ledger/measures.ts';
import { type AllSums, fromFields, SUM_KINDS, type SumField } from '../sums.ts';

/** The columns that a statement answers: those of the rollups, and the bins of the latency as one. */
export type AnsweredColumn = Measured['column'] | 'latency_bins';

const ROWS = new Map<SumField, Measured>([...MONEY, ...COUNTS].map((row) => [row.sum, row]));

/** The measure behind a sum; null: the histogram. */
export const measuredBy = (field: SumField): Measured | null => ROWS.get(field) ?? null;

const columnOf = (field: SumField): AnsweredColumn => measuredBy(field)?.column ?? 'latency_bins';

/** A row of sums as Postgres sends it: numeric and int8 as text, the bins as an array of them. */
export type SumRow = { readonly [C in AnsweredColumn]?: string | readonly (string | null)[] };

/** The sums of a row that were asked for. */
export function readSums<F extends SumField>(row: SumRow, fields: readonly F[]): Pick<AllSums, F> {
  return fromFields(fields, (field) => readField(row[columnOf(field)], field));
}

function readField(value: SumRow[AnsweredColumn], field: SumField): bigint | number | readonly number[] {
  const kind = SUM_KINDS.get(field);
  if (kind === 'bins') return Array.isArray(value) ? value.map(Number) : [];
  if (typeof value !== 'string') throw new TypeError(`the statement answered no ${columnOf(field)}`);
  if (kind === 'large') return BigInt(value);
  return kind === 'money' ? parseUsd(value) : Number(value);
}
