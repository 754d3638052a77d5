/** Compares rollups with the events they sum, names the differences, and repairs them. */
import { parseUsd, printUsd } from '@farthing/pricing';
import type { Tx } from '../db/database.ts';
import { MONEY } from '../ledger/measures.ts';
import { type RollupTable, SUMMED_COLUMNS } from './columns.ts';
import { compareSql, repairSql, sweepSql } from './comparison-sql.ts';

/** A stretch of one tenant's time, Unix milliseconds on quarter hours, [from, to). */
export interface RebuildPiece {
  readonly tenant: string;
  readonly from: number;
  readonly to: number;
}

/** A row whose sums are not what they should be. */
export interface RollupDifference {
  readonly table: RollupTable;
  readonly tenant: string;
  readonly dimension: string;
  /** Start of the quarter hour, RFC 3339; or the local day, `YYYY-MM-DD`. */
  readonly bucket: string;
  readonly value: string;
  readonly provider: string;
  readonly model: string;
  readonly operation: string;
  /** The columns that differ; counts and decimal USD as text. */
  readonly columns: readonly { readonly column: string; readonly is: string; readonly shouldBe: string }[];
}

export interface RollupComparison {
  /** Rows that exist on either side. */
  readonly compared: number;
  readonly different: number;
  /** The first by key; quarter hours go before days. */
  readonly first: RollupDifference | null;
}

export const NOTHING_COMPARED: RollupComparison = { compared: 0, different: 0, first: null };

export function together(a: RollupComparison, b: RollupComparison): RollupComparison {
  return {
    compared: a.compared + b.compared,
    different: a.different + b.different,
    first: a.first ?? b.first,
  };
}

/**
 * Compares quarter hours with events, and the days they touch with their quarter hours. Reads only, as operator; safe
 * while events come in, since a statement sees a commit whole or not at all. The events of the piece must still be
 * there: below a tenant's watermark ask {@link compareDays} alone.
 *
 * @example (await compareRollups(tx, { tenant: 'acme', from, to })).first?.columns
 */
export async function compareRollups(tx: Tx, piece: RebuildPiece): Promise<RollupComparison> {
  return together(await ask(tx, 'rollups_15m', compareSql, piece), await compareDays(tx, piece));
}

/** Compares the days that a piece touches with their quarter hours; needs no events. */
export function compareDays(tx: Tx, piece: RebuildPiece): Promise<RollupComparison> {
  return ask(tx, 'rollups_day', compareSql, piece);
}

/**
 * Compares and adds what is missing. What it adds is a difference between two sides of one snapshot, and writers only
 * ever add as well, so nobody has to wait for it; but two repairs at once would add the same twice: hold
 * `holdRepairs` from before.
 */
export async function repairRollups(tx: Tx, piece: RebuildPiece): Promise<RollupComparison> {
  const found = await ask(tx, 'rollups_15m', repairSql, piece);
  if (found.different > 0) await tx.query(sweepSql('rollups_15m'), parameters(piece));
  return together(found, await repairDays(tx, piece));
}

/** The same for days alone. */
export async function repairDays(tx: Tx, piece: RebuildPiece): Promise<RollupComparison> {
  const found = await ask(tx, 'rollups_day', repairSql, piece);
  if (found.different > 0) await tx.query(sweepSql('rollups_day'), parameters(piece));
  return found;
}

const parameters = ({ tenant, from, to }: RebuildPiece): readonly unknown[] => [
  tenant,
  new Date(from),
  new Date(to),
];

interface AnswerRow {
  readonly compared: string;
  readonly different: string;
  readonly dimension: string | null;
  readonly bucket: Date | string;
  readonly value: string;
  readonly provider: string;
  readonly model: string;
  readonly operation: string;
  readonly [sum: string]: unknown;
}

async function ask(
  tx: Tx,
  table: RollupTable,
  sql: (table: RollupTable) => string,
  piece: RebuildPiece,
): Promise<RollupComparison> {
  const { rows } = await tx.query<AnswerRow>(sql(table), parameters(piece));
  const [row] = rows;
  if (row === undefined) throw new Error('A comparison always answers with one row.');
  return {
    compared: Number(row.compared),
    different: Number(row.different),
    first: row.dimension === null ? null : differenceOf(table, piece.tenant, row.dimension, row),
  };
}

function differenceOf(
  table: RollupTable,
  tenant: string,
  dimension: string,
  row: AnswerRow,
): RollupDifference {
  const { bucket, value, provider, model, operation } = row;
  return {
    table,
    tenant,
    dimension,
    bucket: typeof bucket === 'string' ? bucket : bucket.toISOString(),
    value,
    provider,
    model,
    operation,
    columns: SUMMED_COLUMNS.flatMap((column) => {
      const { amount, print } = COSTS.has(column) ? USD : COUNT;
      const shouldBe = amount(String(row[`w_${column}`]));
      const change = amount(String(row[column]));
      return change === 0n ? [] : [{ column, is: print(shouldBe - change), shouldBe: print(shouldBe) }];
    }),
  };
}

const COSTS = new Set<string>(MONEY.map(({ column }) => column));
const USD = { amount: parseUsd, print: printUsd };
const COUNT = {
  amount: (text: string): bigint => BigInt(text),
  print: (count: bigint): string => String(count),
};
