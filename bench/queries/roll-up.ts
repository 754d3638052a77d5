/** The rollups of generated events, by SQL: row for row what the write path would have stored. */
import type pg from 'pg';
import { keptSumSql } from '../../packages/server/src/ledger/kept-as-null.ts';
import { sparselySql } from '../../packages/server/src/rollups/columns.ts';
import { dayTotalOf, TOTAL_DIMENSION } from '../../packages/server/src/rollups/day-totals.ts';
import { asOperator, MADE_NUMBERS } from './generate.ts';

const BINS = Array.from({ length: 40 }, (_, bin) => `l${String(bin).padStart(2, '0')}`);
const KEYS = 'tenant_id, dimension, bucket, value, provider, model, operation';

/** Costs of priced events alone. */
const ofPriced = (cost: string): string => `coalesce(sum(${cost}) filter (where total_cost is not null), 0)`;

/**
 * How each sum is made of the events of `made`; what is not named is null in all of them. Counts are int4 as long as they are
 * small: adding those up is several times faster.
 */
const SUMS: { readonly [column: string]: string } = {
  requests: 'count(*)::int4',
  errors: "(count(*) filter (where status <> 'ok'))::int4",
  unpriced_requests: '(count(*) filter (where total_cost is null))::int4',
  input_tokens: 'sum(input_tokens)::int4',
  output_tokens: 'sum(output_tokens)::int4',
  cache_read_tokens: 'sum(cache_read_tokens)::int4',
  cache_write_tokens: 'sum(cache_write_tokens)::int4',
  reasoning_tokens: 'sum(reasoning_tokens)::int4',
  timed_requests: 'count(us)::int4',
  latency_us: 'coalesce(sum(us), 0)::int8',
  input_cost: ofPriced('input_cost'),
  output_cost: ofPriced('output_cost'),
  other_cost: ofPriced('other_cost'),
  total_cost: 'coalesce(sum(total_cost), 0)',
  cache_read_cost: ofPriced('cache_read_cost'),
  cache_write_cost: ofPriced('cache_write_cost'),
  reasoning_cost: ofPriced('reasoning_cost'),
  list_cost: ofPriced('list_cost'),
  ...Object.fromEntries(
    BINS.map((name, bin) => [name, `nullif(count(*) filter (where bin = ${bin}), 0)::int4`]),
  ),
};
const COLUMNS = Object.keys(SUMS).join(', ');
const isSmall = (column: string) => !column.endsWith('_cost') && column !== 'latency_us';
const addedSql = (column: string) =>
  `sum(${column}${isSmall(column) ? '::int4' : ''})${isSmall(column) ? '::int4' : ''}`;
/** Sums as the rollups store them: in some columns null means 0, or what other sums give. */
const ADDED = Object.keys(SUMS)
  .map((column) => sparselySql(column, addedSql))
  .join(', ');
const ADDED_PARTS = Object.keys(SUMS)
  .map((column) => sparselySql(column, (one) => `sum(${keptSumSql(one)})`))
  .join(', ');

/** Each dimension that the events have, and its value. */
const VALUES: { readonly [dimension: string]: string } = {
  all: "''",
  project: 'project',
  environment: 'environment',
  agent: 'agent',
  user: 'user_id',
  workflow: 'workflow',
  'tag.team': "tags ->> 'team'",
  'tag.feature': "tags ->> 'feature'",
  'tag.customer': "tags ->> 'customer'",
};

const ALL = 'project, environment, agent, user_id, workflow, tags';
const CORE = 'provider, model, operation';

/** The table for parts of days: those of zones whose days are not UTC's lie in two chunks. */
export async function prepareDays(client: pg.Client): Promise<void> {
  await client.query('create unlogged table day_parts (like rollups_day including defaults)');
  await client.query('grant select, insert on day_parts to farthing_operator');
}

/**
 * Rollups of the chunk in `made`, a UTC day: first by everything at once, then by one dimension after the other. Rows lie
 * in the order of time, as they come to lie where events come in one by one.
 */
export async function rollUp(
  client: pg.Client,
  timed: (what: string, work: () => Promise<unknown>) => Promise<void>,
): Promise<void> {
  const sums = Object.entries(SUMS).map(([column, sql]) => `${sql} as ${column}`);
  await timed('finest sums', () =>
    client.query(
      `create temporary table finest on commit drop as
       select tenant_id, date_bin('15 minutes', event_time, 'epoch') as bucket, ${CORE}, ${ALL}, ${sums.join(', ')}
         from ${MADE_NUMBERS} numbers cross join lateral (select latency_bin(us) as bin) placed
        group by tenant_id, 2, ${CORE}, ${ALL}`,
    ),
  );
  const added = Object.keys(SUMS).map((column) => `${addedSql(column)} as ${column}`);
  await timed('finest sums', () =>
    client.query(
      `create temporary table finest_day on commit drop as
       select tenant_id, (bucket at time zone time_zone)::date as bucket, time_zone = 'UTC' as whole, ${CORE}, ${ALL},
              ${added.join(', ')}
         from finest join tenants t on t.id = tenant_id group by 1, 2, 3, ${CORE}, ${ALL}`,
    ),
  );
  for (const dimension of Object.keys(VALUES)) {
    await timed('quarter hours', () =>
      client.query(`${rowsSql('rollups_15m', dimension, 'finest', 'true')} order by bucket`),
    );
    for (const [table, which] of DAY_TABLES) {
      await timed('days', () => client.query(rowsSql(table, dimension, 'finest_day', which)));
      await timed('days', () => client.query(totalsSql(table, dimension, 'finest_day', which)));
    }
  }
  await timed('quarter hours', () => client.query(totalsSql('rollups_15m', 'all', 'finest', 'true')));
}

/** Where days go, and which of them. */
const DAY_TABLES = [
  ['rollups_day', 'whole'],
  ['day_parts', 'not whole'],
] as const;

/** The rows of one dimension over all models; of a dimension without, none. */
function totalsSql(into: string, dimension: string, from: string, which: string): string {
  const value = VALUES[dimension] ?? "''";
  const total = dimension === 'all' ? TOTAL_DIMENSION : dayTotalOf(dimension);
  return `insert into ${into} (${KEYS}, ${COLUMNS})
    select tenant_id, '${total}', bucket, ${value}, '', '', '', ${ADDED}
      from ${from} where ${which} and ${value} is not null and ${total !== null}
     group by tenant_id, bucket${dimension === 'all' ? '' : `, ${value}`}`;
}

/** The rows of one dimension. */
function rowsSql(into: string, dimension: string, from: string, which: string): string {
  const value = VALUES[dimension] ?? "''";
  return `insert into ${into} (${KEYS}, ${COLUMNS})
    select tenant_id, '${dimension}', bucket, ${value}, ${CORE}, ${ADDED}
      from ${from} where ${which} and ${value} is not null
     group by tenant_id, bucket, ${dimension === 'all' ? '' : `${value}, `}${CORE}`;
}

/** What lies in parts becomes days. */
export async function finishDays(client: pg.Client): Promise<void> {
  await asOperator(client, async () => {
    await client.query(
      `insert into rollups_day (${KEYS}, ${COLUMNS}) select ${KEYS}, ${ADDED_PARTS} from day_parts group by ${KEYS}`,
    );
  });
  await client.query('drop table day_parts');
}
