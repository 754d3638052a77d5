/** Sums of events per bucket and dimension, as changes to be added to the stored rollups. Pure. */

import { quarterHour } from '../clock/lengths.ts';
import { localDay } from '../clock/zone-clock.ts';
import { SUMMED_DIMENSIONS } from '../ledger/dimensions.ts';
import type { LedgerFacts } from '../ledger/rated-event.ts';
import { BASE_DIMENSION, dayTotalOf, TOTAL_DIMENSION, tagDimension } from './day-totals.ts';
import { copyOf, isNothing, merge, type RowSums, requireExact, sumsOf } from './sums.ts';

/** The change of one rollup row. */
export interface RollupDelta {
  /** Sorts rows the same way in every process: the order in which they are locked. */
  readonly key: string;
  readonly tenant: string;
  readonly dimension: string;
  /** Unix milliseconds of a quarter hour, or days since 1970 in the tenant's zone. */
  readonly bucket: number;
  readonly value: string;
  readonly provider: string;
  readonly model: string;
  readonly operation: string;
  readonly sums: RowSums;
}

/** An event that enters (+1) or leaves (-1, superseded) the sums. */
export interface Contribution {
  readonly facts: LedgerFacts;
  readonly sign: 1 | -1;
}

export interface RollupDeltas {
  /** Sorted by key. */
  readonly quarterHours: readonly RollupDelta[];
  /** The same by day, sorted by key, and how each quarter hour was placed. */
  byDay(): DayDeltas;
  /** Corrects the zone that {@link byDay} places a tenant by. */
  place(tenant: string, zone: string): void;
}

export interface DayDeltas {
  readonly days: readonly RollupDelta[];
  readonly placed: readonly PlacedQuarterHour[];
}

export interface PlacedQuarterHour {
  readonly tenant: string;
  /** Unix milliseconds. */
  readonly quarterHour: number;
  /** Days since 1970. */
  readonly day: number;
}

/**
 * Adds contributions up. `zoneOf` names a tenant's reporting zone.
 * Throws a RangeError when a count leaves the safe integers, instead of losing one.
 */
export function aggregate(
  contributions: readonly Contribution[],
  zoneOf: (tenant: string) => string,
): RollupDeltas {
  const cells = new Map<string, Cell>();
  for (const { facts, sign } of contributions) addEvent(cellOf(cells, facts), facts, sumsOf(facts, sign));
  for (const cell of [...cells.values()]) addTotal(cells, cell);
  const zones = new Map<string, string>();
  for (const { tenant } of cells.values()) {
    if (!zones.has(tenant)) zones.set(tenant, zoneOf(tenant));
  }
  return {
    quarterHours: deltasOf(cells),
    byDay: () => byDay(cells.values(), (tenant, time) => localDay(time, zones.get(tenant) ?? 'UTC')),
    place: (tenant, zone) => zones.set(tenant, zone),
  };
}

/** A day is the sum of its quarter hours: days are made from these few sums, not from the events again. */
function byDay(
  quarterHours: Iterable<Cell>,
  dayOf: (tenant: string, quarterHour: number) => number,
): DayDeltas {
  const days = new Map<string, Cell>();
  const placed = new Map<string, PlacedQuarterHour>();
  for (const cell of quarterHours) {
    const { tenant, bucket } = cell;
    const day = dayOf(tenant, bucket);
    placed.set(`${tenant}\0${bucket}`, { tenant, quarterHour: bucket, day });
    const sum = findCell(days, { ...cell, bucket: day });
    const total = findCell(days, { ...cell, ...ALL_MODELS, bucket: day });
    for (const [dimension, values] of cell.dimensions) {
      // That of `all` has been summed by the quarter hour.
      const totalled = dimension === BASE_DIMENSION ? null : dayTotalOf(dimension);
      for (const [value, part] of values) {
        addTo(sum, dimension, value, part);
        if (totalled !== null) addTo(total, totalled, value, part);
      }
    }
  }
  return { days: deltasOf(days), placed: [...placed.values()] };
}

/** The common key of the rows of one bucket, model and operation; its rows by dimension and value. */
interface Cell {
  readonly tenant: string;
  readonly bucket: number;
  readonly provider: string;
  readonly model: string;
  readonly operation: string;
  readonly dimensions: Map<string, Map<string, RowSums>>;
}

/** Their value in rows that do not distinguish models. */
const ALL_MODELS = { provider: '', model: '', operation: '' };

function cellOf(cells: Map<string, Cell>, facts: LedgerFacts): Cell {
  const { tenant, provider, model, operation } = facts;
  return findCell(cells, { tenant, bucket: quarterHour(facts.time), provider, model, operation });
}

function findCell(cells: Map<string, Cell>, of: Omit<Cell, 'dimensions'>): Cell {
  const { tenant, bucket, provider, model, operation } = of;
  // A zero character parts the keys: no stored text can hold one.
  const key = `${tenant}\0${bucket}\0${provider}\0${model}\0${operation}`;
  let cell = cells.get(key);
  if (cell === undefined) {
    cell = { tenant, bucket, provider, model, operation, dimensions: new Map() };
    cells.set(key, cell);
  }
  return cell;
}

function addEvent(cell: Cell, facts: LedgerFacts, sums: RowSums): void {
  addTo(cell, BASE_DIMENSION, '', sums);
  for (const [at, dimension] of SUMMED_DIMENSIONS.entries()) {
    const value = facts.values[at] ?? '';
    if (value !== '') addTo(cell, dimension, value, sums);
  }
  for (const key in facts.tags) {
    const value = facts.tags[key];
    if (value !== undefined && value !== '') addTo(cell, tagDimension(key), value, sums);
  }
}

/** Adds a cell to the total of its quarter hour. */
function addTotal(cells: Map<string, Cell>, cell: Cell): void {
  const all = cell.dimensions.get(BASE_DIMENSION)?.get('');
  if (all !== undefined) addTo(findCell(cells, { ...cell, ...ALL_MODELS }), TOTAL_DIMENSION, '', all);
}

function addTo(cell: Cell, dimension: string, value: string, part: RowSums): void {
  let values = cell.dimensions.get(dimension);
  if (values === undefined) {
    values = new Map();
    cell.dimensions.set(dimension, values);
  }
  const sums = values.get(value);
  if (sums === undefined) values.set(value, copyOf(part));
  else merge(sums, part);
}

function deltasOf(cells: ReadonlyMap<string, Cell>): RollupDelta[] {
  const deltas: RollupDelta[] = [];
  for (const { tenant, bucket, provider, model, operation, dimensions } of cells.values()) {
    const tail = `\0${provider}\0${model}\0${operation}`;
    for (const [dimension, values] of dimensions) {
      const head = `${tenant}\0${dimension}\0${bucket}\0`;
      for (const [value, sums] of values) {
        requireExact(sums);
        if (isNothing(sums)) continue;
        deltas.push({
          key: head + value + tail,
          tenant,
          dimension,
          bucket,
          value,
          provider,
          model,
          operation,
          sums,
        });
      }
    }
  }
  return deltas.sort((a, b) => (a.key < b.key ? -1 : 1));
}
