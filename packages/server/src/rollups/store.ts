/** Adds deltas to `rollups_15m` and `rollups_day`. */
import { RowWriter, rowArray } from '../db/binary-rows.ts';
import type { Tx } from '../db/database.ts';
import type { RowTypes } from '../ledger/row-types.ts';
import type { RollupDelta, RollupDeltas } from './aggregate.ts';
import { COST_COLUMNS, COUNT_COLUMNS, HISTOGRAM_COLUMNS, KEY_COLUMNS, SUM_COLUMNS } from './columns.ts';
import type { Sums } from './sums.ts';

/**
 * Rows are taken in key order, quarter hours before days, and last in the transaction: two writers wait for each
 * other for the length of a commit at most and never in a circle. A row that comes down to nothing stays, all zero.
 */
export async function addToRollups(tx: Tx, types: RowTypes, deltas: RollupDeltas): Promise<void> {
  await upsert(tx, 'rollups_15m', 'rollup_15m_row_2', types.rollup_15m_row_2, deltas.quarterHours);
  await upsert(tx, 'rollups_day', 'rollup_day_row_2', types.rollup_day_row_2, deltas.days);
}

type RollupTable = 'rollups_15m' | 'rollups_day';

const COLUMNS = [...KEY_COLUMNS, ...SUM_COLUMNS];

async function upsert(
  tx: Tx,
  table: RollupTable,
  type: 'rollup_15m_row_2' | 'rollup_day_row_2',
  typeOid: number,
  deltas: readonly RollupDelta[],
): Promise<void> {
  if (deltas.length === 0) return;
  await tx.query({ name: `add_${table}`, text: upsertSql(table, type) }, [
    rowArray(typeOid, rollupRows(table, deltas)),
  ]);
}

function upsertSql(table: RollupTable, type: string): string {
  const columns = COLUMNS.join(', ');
  const plain = [...COUNT_COLUMNS, ...COST_COLUMNS].map(
    (column) => `${column} = ${table}.${column} + excluded.${column}`,
  );
  // A sum with a null in it is null: then one of the two is the answer, mostly null again.
  const bins = HISTOGRAM_COLUMNS.map(
    (bin) => `${bin} = coalesce(${table}.${bin} + excluded.${bin}, ${table}.${bin}, excluded.${bin})`,
  );
  return `insert into ${table} (${columns}) select ${columns} from unnest($1::${type}[])
          on conflict (${KEY_COLUMNS.join(', ')}) do update set ${[...plain, ...bins].join(', ')}`;
}

function rollupRows(table: RollupTable, deltas: readonly RollupDelta[]): Buffer[] {
  const rows = new RowWriter(deltas.length * 720 + 64);
  return deltas.map((delta) => {
    rows.begin(COLUMNS.length);
    rows.text(delta.tenant);
    rows.text(delta.dimension);
    if (table === 'rollups_15m') rows.timestamptz(delta.bucket);
    else rows.date(delta.bucket);
    rows.text(delta.value);
    rows.text(delta.provider);
    rows.text(delta.model);
    rows.text(delta.operation);
    writeSums(rows, delta.sums);
    rows.sparseInt8(HISTOGRAM_COLUMNS.length, delta.sums.bins);
    return rows.end();
  });
}

function writeSums(rows: RowWriter, sums: Sums): void {
  rows.int8(sums.requests);
  rows.int8(sums.errors);
  rows.int8(sums.unpricedRequests);
  rows.int8(sums.inputTokens);
  rows.int8(sums.outputTokens);
  rows.int8(sums.cacheReadTokens);
  rows.int8(sums.cacheWriteTokens);
  rows.int8(sums.reasoningTokens);
  rows.int8(sums.timedRequests);
  rows.int8(sums.latencyUs);
  rows.picos(sums.inputPicos);
  rows.picos(sums.outputPicos);
  rows.picos(sums.otherPicos);
  rows.picos(sums.totalPicos);
  rows.picos(sums.cacheReadPicos);
  rows.picos(sums.cacheWritePicos);
  rows.picos(sums.reasoningPicos);
  rows.picos(sums.listPicos);
}
