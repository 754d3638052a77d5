/** SQL that compares a piece of the rollups with its source: quarter hours with events, days with quarter hours. */
import { CORE_DIMENSIONS, SUMMED, summedValueSql } from '../ledger/dimensions.ts';
import { keptSumSql, ofTable } from '../ledger/kept-as-null.ts';
import { BIN_COLUMNS, latencyUsSql } from '../ledger/latency.ts';
import { COUNTS, MONEY } from '../ledger/measures.ts';
import { summedSql } from '../ledger/measures-sql.ts';
import { onConflictAdd, ROLLUP_KEY, type RollupTable, SUMMED_COLUMNS, sparselySql } from './columns.ts';
import { BASE_DIMENSION, HAS_DAY_TOTALS_SQL, TOTAL_DIMENSION } from './day-totals.ts';

// Every statement takes $1 the tenant and [$2, $3) the time, on quarter hours.

/** The key within one tenant, in the order in which rows are locked. */
const KEY = ROLLUP_KEY.filter((column) => column !== 'tenant_id');
const KEY_LIST = KEY.join(', ');
const KEY_ORDER = KEY.map((column) => (column === 'bucket' ? column : `${column} collate "C"`)).join(', ');
const NUMBERS = Array.from({ length: KEY.length }, (_, index) => index + 1).join(', ');

/** Every sum over `usage_events` with the column `bin` beside them. */
const EVENT_SUMS: readonly string[] = [
  ...[...COUNTS, ...MONEY].map(summedSql),
  ...BIN_COLUMNS.map((_, bin) => `count(*) filter (where bin = ${bin})`),
];

const OWN_VALUES = SUMMED.map((row) => `('${row.name}', ${summedValueSql(row)})`).join(', ');

const FROM_EVENTS = `
  select dimension, date_bin('15 minutes', event_time, timestamptz '2000-01-01 00:00Z') as bucket, value,
         ${CORE_DIMENSIONS.map((column) => `case when dimension <> '${TOTAL_DIMENSION}' then ${column} else '' end as ${column}`).join(', ')},
         ${named(EVENT_SUMS)}
    from usage_events e
   cross join lateral (select latency_bin(${latencyUsSql('latency_ms')}) as bin) placed
   cross join lateral (
     values ('${BASE_DIMENSION}', ''), ('${TOTAL_DIMENSION}', '')
     union all select d, v from (values ${OWN_VALUES}) own (d, v) where v <> ''
     union all select 'tag.' || key, value from jsonb_each_text(tags) where value <> '') places (dimension, value)
   where tenant_id = $1 and event_time >= $2 and event_time < $3
   group by ${NUMBERS}`;

/** Of the local days that the time touches, each with all of its quarter hours. */
const FROM_QUARTER_HOURS = `
  select place.dimension, (bucket at time zone (select z from zone))::date as bucket, value,
         ${CORE_DIMENSIONS.map((column) => `place.${column}`).join(', ')},
         ${named(SUMMED_COLUMNS.map((column) => `coalesce(sum(${keptSumSql(column, ofTable('r'))}), 0)`))}
    from rollups_15m r
   cross join lateral (
     select r.dimension, ${CORE_DIMENSIONS.map((column) => `r.${column}`).join(', ')}
     union all select '${TOTAL_DIMENSION}.' || r.dimension, '', '', '' where r.${HAS_DAY_TOTALS_SQL}) place
   where tenant_id = $1 and r.dimension = any(array(select d from dimensions where d is not null))
     and bucket >= $2::timestamptz - interval '2 days' and bucket < $3::timestamptz + interval '2 days'
     and (bucket at time zone (select z from zone))::date between (select first from days) and (select last from days)
   group by ${NUMBERS}`;

function named(sums: readonly string[]): string {
  return sums.map((sum, index) => `${sum} as ${SUMMED_COLUMNS[index]}`).join(', ');
}

const ZONE_AND_DAYS = `
  zone (z) as materialized (select time_zone from tenants where id = $1),
  days (first, last) as materialized (
    select ($2::timestamptz at time zone z)::date, (($3::timestamptz - interval '15 minutes') at time zone z)::date
      from zone)`;

/**
 * The dimensions that a tenant has rows in, hopping from one to the next along the key. With them named, the rows of a
 * few days are found without reading the other years.
 */
const DIMENSIONS = `
  dimensions (d) as (
    (select dimension from rollups_15m where tenant_id = $1 order by dimension limit 1)
    union all
    select (select dimension from rollups_15m where tenant_id = $1 and dimension > d order by dimension limit 1)
      from dimensions where d is not null),
  day_dimensions (d) as (
    (select dimension from rollups_day where tenant_id = $1 order by dimension limit 1)
    union all
    select (select dimension from rollups_day where tenant_id = $1 and dimension > d order by dimension limit 1)
      from day_dimensions where d is not null)`;

const KEPT: { readonly [T in RollupTable]: string } = {
  rollups_15m: `dimension = any(array(select d from dimensions where d is not null)) and bucket >= $2 and bucket < $3`,
  rollups_day: `dimension = any(array(select d from day_dimensions where d is not null))
    and bucket between (select first from days) and (select last from days)`,
};

/**
 * `compared`: one row per key that either side has, with what should be (`w_…`) and the change that gets it there.
 * A missing row and one of zeros are the same. One statement, so one snapshot: a commit that is just under way is in
 * both sides or in none.
 */
function comparedSql(table: RollupTable): string {
  const columns = SUMMED_COLUMNS.flatMap((column) => [
    `coalesce(wanted.${column}, 0) as w_${column}`,
    `coalesce(wanted.${column}, 0) - coalesce(${keptSumSql(column, ofTable('kept'))}, 0) as ${column}`,
  ]);
  return `with recursive ${DIMENSIONS}, ${ZONE_AND_DAYS},
    wanted as (${table === 'rollups_15m' ? FROM_EVENTS : FROM_QUARTER_HOURS}),
    kept as (select * from ${table} where tenant_id = $1 and ${KEPT[table]}),
    compared as materialized (
      select ${KEY_LIST}, ${columns.join(', ')} from wanted full join kept using (${KEY_LIST})),
    different as materialized (
      select * from compared where ${SUMMED_COLUMNS.map((column) => `${column} <> 0`).join(' or ')})`;
}

/** Number of rows on either side, number that differ, and the first of these. */
const ANSWER = `
  select (select count(*) from compared) as compared, (select count(*) from different) as different, first.*
    from (values (1)) one left join (select * from different order by ${KEY_ORDER} limit 1) first on true`;

/** Compares; writes nothing. */
export const compareSql = (table: RollupTable): string => `${comparedSql(table)} ${ANSWER}`;

/** Compares and adds what is missing, in the order in which every writer takes these rows. */
export function repairSql(table: RollupTable): string {
  const values = SUMMED_COLUMNS.map((column) => sparselySql(column));
  return `${comparedSql(table)}, added as (
      insert into ${table} (tenant_id, ${KEY_LIST}, ${SUMMED_COLUMNS.join(', ')})
      select $1, ${KEY_LIST}, ${values.join(', ')} from different order by ${KEY_ORDER}
      ${onConflictAdd(table)})
    ${ANSWER}`;
}

/** Deletes rows of zeros; rows locked by a writer are skipped. */
export const sweepSql = (table: RollupTable): string => `
  with recursive ${DIMENSIONS}, ${ZONE_AND_DAYS},
  empty as (
    select tenant_id, ${KEY_LIST} from ${table}
     where tenant_id = $1 and ${KEPT[table]}
       and ${SUMMED_COLUMNS.map((column) => `coalesce(${keptSumSql(column)}, 0) = 0`).join(' and ')}
       for update skip locked)
  delete from ${table} using empty
   where (${ROLLUP_KEY.map((column) => `${table}.${column}`).join(', ')})
       = (${ROLLUP_KEY.map((column) => `empty.${column}`).join(', ')})`;
