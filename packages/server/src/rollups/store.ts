/** Adds deltas to `rollups_15m` and `rollups_day`. */
import { RowWriter, rowArray } from '../db/binary-rows.ts';
import type { Tx } from '../db/database.ts';
import type { RowTypes } from '../ledger/row-types.ts';
import type { RollupDelta, RollupDeltas } from './aggregate.ts';

const KEYS = ['tenant_id', 'dimension', 'bucket', 'value', 'provider', 'model', 'operation'];
const SUMS = [
  'requests',
  'errors',
  'unpriced_requests',
  'input_tokens',
  'output_tokens',
  'cache_read_tokens',
  'cache_write_tokens',
  'reasoning_tokens',
  'input_cost',
  'output_cost',
  'other_cost',
  'total_cost',
];

/**
 * Rows are taken in key order, quarter hours before days, and last in the transaction: two writers wait for each
 * other for the length of a commit at most and never in a circle.
 */
export async function addToRollups(tx: Tx, types: RowTypes, deltas: RollupDeltas): Promise<void> {
  await upsert(tx, 'rollups_15m', 'rollup_15m_row', types.rollup_15m_row, deltas.quarterHours);
  await upsert(tx, 'rollups_day', 'rollup_day_row', types.rollup_day_row, deltas.days);
}

async function upsert(
  tx: Tx,
  table: 'rollups_15m' | 'rollups_day',
  type: 'rollup_15m_row' | 'rollup_day_row',
  typeOid: number,
  deltas: readonly RollupDelta[],
): Promise<void> {
  if (deltas.length === 0) return;
  const columns = [...KEYS, ...SUMS].join(', ');
  await tx.query(
    {
      name: `add_${table}`,
      text: `insert into ${table} (${columns}) select ${columns} from unnest($1::${type}[])
             on conflict (${KEYS.join(', ')}) do update set
             ${SUMS.map((sum) => `${sum} = ${table}.${sum} + excluded.${sum}`).join(', ')}`,
    },
    [rowArray(typeOid, rollupRows(type, deltas))],
  );
}

function rollupRows(type: 'rollup_15m_row' | 'rollup_day_row', deltas: readonly RollupDelta[]): Buffer[] {
  const rows = new RowWriter(deltas.length * 320 + 64);
  return deltas.map((delta) => {
    rows.begin(KEYS.length + SUMS.length);
    rows.text(delta.tenant);
    rows.text(delta.dimension);
    if (type === 'rollup_15m_row') rows.timestamptz(delta.bucket);
    else rows.date(delta.bucket);
    rows.text(delta.value);
    rows.text(delta.provider);
    rows.text(delta.model);
    rows.text(delta.operation);
    rows.int8(delta.requests);
    rows.int8(delta.errors);
    rows.int8(delta.unpricedRequests);
    rows.int8(delta.inputTokens);
    rows.int8(delta.outputTokens);
    rows.int8(delta.cacheReadTokens);
    rows.int8(delta.cacheWriteTokens);
    rows.int8(delta.reasoningTokens);
    rows.picos(delta.inputPicos);
    rows.picos(delta.outputPicos);
    rows.picos(delta.otherPicos);
    rows.picos(delta.totalPicos);
    return rows.end();
  });
}
