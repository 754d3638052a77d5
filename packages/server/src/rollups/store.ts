/** Adds deltas to `rollups_15m` and `rollups_day`. */
import { RowWriter, rowArray } from '../db/binary-rows.ts';
import type { Tx } from '../db/database.ts';
import type { RowTypes } from '../ledger/row-types.ts';
import type { PlacedQuarterHour, RollupDelta, RollupDeltas } from './aggregate.ts';
import { HISTOGRAM_COLUMNS, KEY_COLUMNS, onConflictAdd, type RollupTable, SUM_COLUMNS } from './columns.ts';
import type { Sums } from './sums.ts';

/** How often a tenant's zone may change while one transaction adds its days. */
const MOST_ATTEMPTS = 5;

/**
 * Rows are taken in key order, quarter hours before days, and last in the transaction: two writers wait for each
 * other for the length of a commit at most and never in a circle. A row that comes down to nothing stays, all zero.
 */
export async function addToRollups(tx: Tx, types: RowTypes, deltas: RollupDeltas): Promise<void> {
  const { quarterHours } = deltas;
  if (quarterHours.length === 0) return;
  await tx.query(ADD_QUARTER_HOURS, [
    rowArray(types.rollup_15m_row_2, rollupRows('rollups_15m', quarterHours)),
  ]);
  for (let attempt = 0; attempt < MOST_ATTEMPTS; attempt += 1) {
    const { days, placed } = deltas.byDay();
    const rows = rowArray(types.rollup_day_row_2, rollupRows('rollups_day', days));
    const { rowCount } = await tx.query(ADD_DAYS, [rows, ...placesOf(placed)]);
    if (rowCount === days.length) return;
    await placeAgain(tx, deltas, placed);
  }
  throw new Error('The reporting zones of these tenants change all the time: their days cannot be told.');
}

const COLUMNS = [...KEY_COLUMNS, ...SUM_COLUMNS];
const COLUMN_LIST = COLUMNS.join(', ');

const ADD_QUARTER_HOURS = {
  name: 'add_rollups_15m',
  text: `insert into rollups_15m (${COLUMN_LIST}) select ${COLUMN_LIST} from unnest($1::rollup_15m_row_2[])
         ${onConflictAdd('rollups_15m')}`,
};

/**
 * Adds nothing where the database places a quarter hour on another day: the tenant's zone was changed, or its rules are
 * of another version here. Who changes a zone locks the table against writers first, so that no day is added by the
 * old zone afterwards (`tenant-zone.ts`).
 */
const ADD_DAYS = {
  name: 'add_rollups_day',
  text: `insert into rollups_day (${COLUMN_LIST}) select ${COLUMN_LIST} from unnest($1::rollup_day_row_2[])
          where not exists (
            select from unnest($2::text[], $3::timestamptz[], $4::date[]) as placed (tenant, quarter_hour, day)
              join tenants t on t.id = placed.tenant
             where (placed.quarter_hour at time zone t.time_zone)::date <> placed.day)
         ${onConflictAdd('rollups_day')}`,
};

async function placeAgain(tx: Tx, deltas: RollupDeltas, placed: readonly PlacedQuarterHour[]): Promise<void> {
  const { rows } = await tx.query<{ tenant: string; zone: string; time: Date; day: number }>(
    `select t.id as tenant, t.time_zone as zone, quarter_hour as time,
            (quarter_hour at time zone t.time_zone)::date - date '1970-01-01' as day
       from unnest($1::text[], $2::timestamptz[]) as placed (tenant, quarter_hour) join tenants t on t.id = tenant`,
    placesOf(placed).slice(0, 2),
  );
  for (const { tenant, zone, time, day } of rows) deltas.place(tenant, zone, time.getTime(), day);
}

function placesOf(placed: readonly PlacedQuarterHour[]): readonly [string[], Date[], string[]] {
  return [
    placed.map(({ tenant }) => tenant),
    placed.map(({ quarterHour }) => new Date(quarterHour)),
    placed.map(({ day }) => new Date(day * 86_400_000).toISOString().slice(0, 10)),
  ];
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
