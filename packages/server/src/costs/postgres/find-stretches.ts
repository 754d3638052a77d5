/**
 * Finds the stretches that hold the events a list filters for. Rollups count each quarter hour's requests by model,
 * agent, project or tag, so a rare value is found without reading the events between.
 */

import { dayOf, epochDay } from '../../clock/days.ts';
import type { Interval } from '../../clock/interval.ts';
import { DAY_MS, HOUR_MS, QUARTER_HOUR_MS } from '../../clock/lengths.ts';
import { midnight } from '../../clock/zone-clock.ts';
import type { Tx } from '../../db/database.ts';
import { LISTED } from '../../ledger/dimensions.ts';
import type { EventFilter } from '../../ledger/event-filter.ts';
import type { EventStretch } from '../../ledger/reading/read-events.ts';
import type { ScopedTenant } from '../scoped-tenant.ts';
import { storedDimension } from './compile/rollup-reading.ts';

/** The rollup rows that count what a filter asks for, or more. */
export interface Probe {
  readonly dimension: string;
  readonly value: string;
  readonly core: { readonly [column in 'provider' | 'model' | 'operation']?: string | undefined };
  readonly counted: 'requests' | 'errors' | 'unpriced_requests';
}

/** Dimensions with few enough values to be looked up; the finer ones come later in the table. */
const PROBED = LISTED.filter((row) => row.kept === 'sums' && row.totals)
  .map(({ name }) => name)
  .toReversed();

/** Null for a list that needs no help: one without filters, or by workflow or user, which have indexes. */
export function probeFor(filter: EventFilter): Probe | null {
  if (filter.workflow || filter.user) return null;
  const named: [string, string | undefined][] = [
    ...Object.entries(filter.tags ?? {}).map(([key, value]): [string, string] => [`tag.${key}`, value]),
    ...PROBED.map((name): [string, string | undefined] => [name, filter[name]]),
  ];
  // "" asks for events without a value, and rollups have no row for these.
  const [dimension, value] = named.find(([, wanted]) => wanted) ?? ['all', ''];
  const { provider, model, operation } = filter;
  const counted = countedBy(filter);
  const helps = dimension !== 'all' || provider || model || operation || counted !== 'requests';
  return helps ? { dimension, value: value ?? '', core: { provider, model, operation }, counted } : null;
}

function countedBy({ unpriced, status }: EventFilter): Probe['counted'] {
  if (unpriced === true) return 'unpriced_requests';
  return status === undefined || status === 'ok' ? 'requests' : 'errors';
}

/** The tenants and the interval to search. */
export interface Reader {
  readonly tx: Tx;
  readonly tenants: readonly ScopedTenant[];
}

/** How far back the first look goes, by quarter hours; then the next ones, by days. */
const FIRST_LOOK_MS = 6 * HOUR_MS;
const LOOKS_MS = [8 * DAY_MS, 64 * DAY_MS, Number.POSITIVE_INFINITY];

/** The newest quarter hour that any of the tenants has events in, its end; null without events. */
export async function newestEnd({ tx, tenants }: Reader): Promise<number | null> {
  const { rows } = await tx.query<{ newest: Date | null }>(
    `select max(bucket) as newest from unnest($1::text[]) as wanted (tenant)
      cross join lateral (select bucket from rollups_15m where tenant_id = wanted.tenant and dimension = 'all'
                           order by bucket desc limit 1) last`,
    [tenants.map((tenant) => tenant.id)],
  );
  const newest = rows[0]?.newest ?? null;
  return newest === null ? null : newest.getTime() + QUARTER_HOUR_MS;
}

interface Counted extends EventStretch {
  readonly count: number;
}

/**
 * Quarter hours with events that the probe counts, newest first, in portions of at least `need` events (fewer at the
 * end). Each portion lies before the one yielded earlier.
 */
export async function* findStretches(
  reader: Reader,
  probe: Probe,
  { from, to }: Interval,
  need: number,
): AsyncGenerator<readonly EventStretch[]> {
  const end = Math.ceil(to / QUARTER_HOUR_MS) * QUARTER_HOUR_MS;
  const begin = Math.floor(from / QUARTER_HOUR_MS) * QUARTER_HOUR_MS;
  let high = Math.max(begin, end - FIRST_LOOK_MS);
  const recent = reader.tenants.map(({ id }) => ({ tenant: id, from: high, to: end }));
  yield* portions(await quarterHours(reader, probe, recent), { from: high, to: end }, need);
  for (const look of LOOKS_MS) {
    if (high <= begin) return;
    const part = { from: Math.max(begin, end - look), to: high };
    for (const days of portions(await countedDays(reader, probe, part), part, need)) {
      const window = {
        from: Math.min(...days.map((day) => day.from)),
        to: Math.max(...days.map((day) => day.to)),
      };
      yield* portions(await quarterHours(reader, probe, days), window, need);
    }
    high = part.from;
  }
}

/**
 * Cuts a window where enough is counted, from its end backwards; later portions grow, since what is counted can be more
 * than what is asked for. Stretches are cut with it: those of other tenants may begin and end at other times.
 */
function* portions(counted: readonly Counted[], window: Interval, need: number): Generator<EventStretch[]> {
  const newestFirst = counted.toSorted((a, b) => b.from - a.from);
  let { to: high } = window;
  for (let wanted = need; ; wanted *= 4) {
    const low = Math.max(window.from, whereCounted(newestFirst, high, wanted));
    const inside = newestFirst
      .filter((one) => one.from < high && one.to > low)
      .map(({ tenant, from, to }) => ({ tenant, from: Math.max(from, low), to: Math.min(to, high) }));
    if (inside.length > 0) yield inside;
    if (low <= window.from) return;
    high = low;
  }
}

/** The latest beginning from which on `wanted` are counted until `high`. */
function whereCounted(newestFirst: readonly Counted[], high: number, wanted: number): number {
  let count = 0;
  for (const one of newestFirst) {
    if (one.to <= high) count += one.count;
    if (count >= wanted) return one.from;
  }
  return Number.NEGATIVE_INFINITY;
}

interface CountRow {
  readonly tenant_id: string;
  readonly bucket: Date;
  readonly count: string;
}

/** The quarter hours of these stretches that count anything. */
async function quarterHours(
  { tx }: Reader,
  probe: Probe,
  within: readonly EventStretch[],
): Promise<Counted[]> {
  const { condition, values } = conditionOf(probe, 'rollups_15m', 4);
  const { rows } = await tx.query<CountRow>(
    `select tenant_id, bucket, sum(count)::text as count
       from unnest($1::text[], $2::timestamptz[], $3::timestamptz[]) as wanted (tenant, low, high)
      cross join lateral (
        select tenant_id, bucket, ${probe.counted} as count from rollups_15m
         where tenant_id = wanted.tenant and bucket >= wanted.low and bucket < wanted.high and ${condition} offset 0) r
      group by tenant_id, bucket having sum(count) > 0`,
    [
      within.map((one) => one.tenant),
      within.map((one) => new Date(one.from).toISOString()),
      within.map((one) => new Date(one.to).toISOString()),
      ...values,
    ],
  );
  return rows.map((row) => {
    const from = row.bucket.getTime();
    return { tenant: row.tenant_id, from, to: from + QUARTER_HOUR_MS, count: Number(row.count) };
  });
}

/** The days, each in its tenant's zone, that reach into an interval and count anything. */
async function countedDays(
  { tx, tenants }: Reader,
  probe: Probe,
  { from, to }: Interval,
): Promise<Counted[]> {
  const { condition, values } = conditionOf(probe, 'rollups_day', 4);
  const { rows } = await tx.query<Omit<CountRow, 'bucket'> & { readonly bucket: string }>(
    `select tenant_id, bucket, sum(count)::text as count
       from unnest($1::text[], $2::date[], $3::date[]) as wanted (tenant, low, high)
      cross join lateral (
        select tenant_id, bucket, ${probe.counted} as count from rollups_day
         where tenant_id = wanted.tenant and bucket between wanted.low and wanted.high and ${condition} offset 0) r
      group by tenant_id, bucket having sum(count) > 0`,
    [
      tenants.map((tenant) => tenant.id),
      tenants.map((tenant) => dayOf(from, tenant.timezone)),
      tenants.map((tenant) => dayOf(to - 1, tenant.timezone)),
      ...values,
    ],
  );
  const zones = new Map(tenants.map((tenant) => [tenant.id, tenant.timezone]));
  return rows.map((row) => {
    const zone = zones.get(row.tenant_id) ?? 'UTC';
    const day = epochDay(row.bucket);
    return {
      tenant: row.tenant_id,
      from: midnight(day, zone),
      to: midnight(day + 1, zone),
      count: Number(row.count),
    };
  });
}

function conditionOf({ dimension, value, core }: Probe, table: 'rollups_day' | 'rollups_15m', first: number) {
  const named = Object.fromEntries(
    Object.entries(core).flatMap(([name, wanted]) => (wanted ? [[name, [wanted]]] : [])),
  );
  const values = [storedDimension(dimension, table, { groupBy: [], filters: named }), value];
  const conditions = [`dimension = $${first}::text`, `value = $${first + 1}::text`];
  for (const [column, wanted] of Object.entries(core)) {
    if (!wanted) continue;
    values.push(wanted);
    conditions.push(`${column} = $${first + values.length - 1}::text`);
  }
  return { condition: conditions.join(' and '), values };
}
