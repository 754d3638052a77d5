/** Adds deltas to `rollups_15m` and `rollups_day`. */
import { correctDays } from '../clock/agree-on-days.ts';
import { printDay } from '../clock/days.ts';
import { localDay } from '../clock/zone-clock.ts';
import { RowWriter } from '../db/binary-rows.ts';
import type { Statement, Tx } from '../db/database.ts';
import { USUAL_SUMS } from '../ledger/kept-as-null.ts';
import { BIN_COLUMNS } from '../ledger/latency.ts';
import { COUNTS, MEASURE_COLUMNS, MONEY } from '../ledger/measures.ts';
import { ROW_TYPES, type RowTypes } from '../ledger/writing/row-types.ts';
import type { PlacedQuarterHour, RollupDelta, RollupDeltas } from './aggregate.ts';
import { isSparse, onConflictAdd, ROLLUP_KEY, type RollupTable } from './columns.ts';
import type { RowSums } from './sums.ts';

/** How often a tenant's zone may change while one transaction adds its days. */
const MOST_ATTEMPTS = 5;

/**
 * Rows are taken in key order, quarter hours before days, and last in the transaction: two writers wait for each
 * other for the length of a commit at most and never in a circle. A row that comes down to nothing stays, all zero.
 */
export async function addToRollups(tx: Tx, types: RowTypes, deltas: RollupDeltas): Promise<void> {
  const { quarterHours } = deltas;
  if (quarterHours.length === 0) return;
  const bins = binsOf(quarterHours);
  await tx.query(addTo('rollups_15m', bins), [rollupRows('rollups_15m', types.quarterHour, quarterHours)]);
  for (let attempt = 0; attempt < MOST_ATTEMPTS; attempt += 1) {
    const { days, placed } = deltas.byDay();
    const rows = rollupRows('rollups_day', types.day, days);
    const { rowCount } = await tx.query(addTo('rollups_day', bins), [rows, ...placesOf(placed)]);
    if (rowCount === days.length) return;
    await placeAgain(tx, deltas, placed);
  }
  throw new Error('The reporting zones of these tenants change all the time: their days cannot be told.');
}

/** The bins that a statement names, [from, to): it costs what it names, and calls last between tenths and tens of seconds. */
interface Bins {
  readonly from: number;
  readonly to: number;
}

/** Statements differ only by these groups of bins, so that a connection prepares few of them. */
const BIN_GROUP = 8;

function binsOf(deltas: readonly RollupDelta[]): Bins {
  let least = Number.POSITIVE_INFINITY;
  let most = Number.NEGATIVE_INFINITY;
  for (const { bins } of deltas.map(({ sums }) => sums)) {
    for (let at = 0; at < bins.length; at += 2) {
      const bin = bins[at] ?? 0;
      if (bin < least) least = bin;
      if (bin > most) most = bin;
    }
  }
  if (most < least) return { from: 0, to: 0 };
  return {
    from: Math.floor(least / BIN_GROUP) * BIN_GROUP,
    to: (Math.floor(most / BIN_GROUP) + 1) * BIN_GROUP,
  };
}

const TRAVELLING = [...ROLLUP_KEY, ...MEASURE_COLUMNS];

/** A row of either row type, by position: the types' own names do not count. */
const SENT = `sent (${[...TRAVELLING, 'bins'].join(', ')})`;

/** Statements are made once for each range of bins: the driver compares their texts, and same is faster than equal. */
const statements = new Map<string, Statement>();

function addTo(table: RollupTable, { from, to }: Bins): Statement {
  const name = `add_${table}_${from}_${to}`;
  let statement = statements.get(name);
  if (statement === undefined) {
    statement = { name, text: insertSql(table, { from, to }) };
    statements.set(name, statement);
  }
  return statement;
}

/**
 * Days: adds nothing where the database places a quarter hour on another day, for then the tenant's zone was changed,
 * or its rules are of another version here. Who changes a zone locks the table against writers first, so that no day is
 * added by the old zone afterwards (`write-tenant-zone.ts`).
 */
const SOURCES: { readonly [T in RollupTable]: string } = {
  rollups_15m: `unnest($1::${ROW_TYPES.quarterHour}[]) as ${SENT}`,
  rollups_day: `unnest($1::${ROW_TYPES.day}[]) as ${SENT}
    where not exists (
      select from unnest($2::text[], $3::timestamptz[], $4::date[]) as placed (tenant, quarter_hour, day)
        join tenants t on t.id = placed.tenant
       where (placed.quarter_hour at time zone t.time_zone)::date <> placed.day)`,
};

function insertSql(table: RollupTable, { from, to }: Bins): string {
  const bins = BIN_COLUMNS.slice(from, to);
  const plain = TRAVELLING.join(', ');
  return `insert into ${table} (${[...TRAVELLING, ...bins].join(', ')})
          select ${[plain, ...bins.map((_, index) => `bins[${from + index}]`)].join(', ')} from ${SOURCES[table]}
          ${onConflictAdd(table, bins)}`;
}

/** Takes the database's word on the tenants' zones, and on clocks by which it places a quarter hour on another day. */
async function placeAgain(tx: Tx, deltas: RollupDeltas, placed: readonly PlacedQuarterHour[]): Promise<void> {
  const { rows } = await tx.query<{ tenant: string; zone: string; time: Date; day: number }>(
    `select t.id as tenant, t.time_zone as zone, quarter_hour as time,
            (quarter_hour at time zone t.time_zone)::date - date '1970-01-01' as day
       from unnest($1::text[], $2::timestamptz[]) as placed (tenant, quarter_hour) join tenants t on t.id = tenant`,
    placesOf(placed).slice(0, 2),
  );
  for (const { tenant, zone } of rows) deltas.place(tenant, zone);
  const elsewhere = rows.filter(({ zone, time, day }) => localDay(time.getTime(), zone) !== day);
  for (const [zone, moved] of Map.groupBy(elsewhere, (row) => row.zone)) {
    await correctDays(tx, zone, [...new Set(moved.map((row) => row.day))]);
  }
}

function placesOf(placed: readonly PlacedQuarterHour[]): readonly [string[], Date[], string[]] {
  return [
    placed.map(({ tenant }) => tenant),
    placed.map(({ quarterHour }) => new Date(quarterHour)),
    placed.map(({ day }) => printDay(day)),
  ];
}

function rollupRows(table: RollupTable, typeOid: number, deltas: readonly RollupDelta[]): Buffer {
  const rows = new RowWriter(deltas.length * 448 + 64);
  rows.beginArray(typeOid);
  for (const delta of deltas) {
    rows.begin(TRAVELLING.length + 1);
    rows.text(delta.tenant);
    rows.text(delta.dimension);
    if (table === 'rollups_15m') rows.timestamptz(delta.bucket);
    else rows.date(delta.bucket);
    rows.text(delta.value);
    rows.text(delta.provider);
    rows.text(delta.model);
    rows.text(delta.operation);
    writeSums(rows, delta.sums);
    rows.endRow();
  }
  return rows.endArray();
}

function writeSums(rows: RowWriter, { counts, amounts, bins }: RowSums): void {
  for (const [at, count] of counts.entries())
    rows.int8(isToldOf(COUNTS_TOLD[at], count, counts) ? null : count);
  for (const [at, amount] of amounts.entries()) {
    rows.picos(isToldOf(AMOUNTS_TOLD[at], amount, amounts) ? null : amount);
  }
  writeBins(rows, bins);
}

/** What null stands for in a column: 0 (no places), or one sum less others, by their places. Undefined: it is kept. */
type Told = { readonly sum: number | null; readonly less: readonly number[] } | undefined;

const toldOf = (columns: readonly string[]): readonly Told[] =>
  columns.map((column) => {
    const usual = USUAL_SUMS.get(column);
    if (usual === undefined) return isSparse(column) ? { sum: null, less: [] } : undefined;
    return { sum: columns.indexOf(usual.sum), less: usual.less.map((one) => columns.indexOf(one)) };
  });
const COUNTS_TOLD = toldOf(COUNTS.map(({ column }) => column));
const AMOUNTS_TOLD = toldOf(MONEY.map(({ column }) => column));

/** Do the others say that the sum is this? */
function isToldOf<N extends number | bigint>(told: Told, sum: N, sums: readonly N[]): boolean {
  if (told === undefined) return false;
  if (told.sum === null) return Number(sum) === 0;
  let parts = BigInt(sum);
  for (const at of told.less) parts += BigInt(sums[at] ?? 0);
  return parts === BigInt(sums[told.sum] ?? 0);
}

/** From the first bin that has a count to the last. */
function writeBins(rows: RowWriter, bins: readonly number[]): void {
  let first = Number.POSITIVE_INFINITY;
  let last = -1;
  for (let at = 0; at < bins.length; at += 2) {
    const bin = bins[at] ?? 0;
    if (bin < first) first = bin;
    if (bin > last) last = bin;
  }
  if (last < 0) {
    rows.int8Array(0, []);
    return;
  }
  const counts = new Array<number | null>(last - first + 1).fill(null);
  for (let at = 0; at < bins.length; at += 2) counts[(bins[at] ?? 0) - first] = bins[at + 1] ?? null;
  rows.int8Array(first, counts);
}
