/** One question, any table: what the ledger answers is what adding the events up one by one gives. */
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { BUCKETS, type Bucket, bucketSpans } from '../../packages/server/src/clock/buckets.ts';
import type {
  CostAnswer,
  CostFilters,
  CostQuery,
  Dimension,
} from '../../packages/server/src/costs/cost-query.ts';
import type { FirstAndLast, WorkflowTimes } from '../../packages/server/src/costs/cost-store.ts';
import {
  averageLatencyMs,
  binEdgesUs,
  latencyQuantileMs,
  MEASURES,
  type Measure,
  QUANTILES,
  STANDARD_MEASURES,
} from '../../packages/server/src/costs/measures.ts';
import { createPostgresCosts } from '../../packages/server/src/costs/postgres/postgres-costs.ts';
import { runCostQuery, type SumScope } from '../../packages/server/src/costs/run-cost-query.ts';
import { sumPeriods } from '../../packages/server/src/costs/sum-periods.ts';
import { type AllSums, addSums } from '../../packages/server/src/costs/sums.ts';
import { withScope } from '../../packages/server/src/costs/with-scope.ts';
import { latencyBin } from '../../packages/server/src/ledger/latency.ts';
import { type SeedEvent, seedEvents, seedTenant } from '../postgres/seed-events.ts';
import { createTestDatabase, type TestDatabase } from '../postgres/test-database.ts';
import { createMemoryCosts, weigh } from './memory-costs.ts';
import {
  addUp,
  createLabel,
  eventArbitrary,
  FROM,
  keyOf,
  MINUTE,
  matches,
  type NaiveSums,
  oneOf,
  TENANTS,
  TO,
  valueIn,
  ZONES,
} from './naive-ledger.ts';

const EVENTS = 3_000;
const events = fc.sample(eventArbitrary, { numRuns: EVENTS, seed: 7 });
let test: TestDatabase;

beforeAll(async () => {
  test = await createTestDatabase();
  for (const [id, zone] of Object.entries(TENANTS)) await seedTenant(test.database, id, zone);
  await seedEvents(test.database, events);
});
afterAll(() => test.drop());

/** The dimensions that rollups of their own are kept by. */
const FURTHER = [
  'agent',
  'project',
  'user',
  'workflow',
  'environment',
  'api_key',
  'tag.team',
  'tag.odd "key\'',
  'tag.nobody uses this',
] as const;
const further = oneOf<Dimension>(...FURTHER);
const core = oneOf<Dimension>('provider', 'model', 'operation', 'tenant');
const free = oneOf<Dimension>('status', 'session', 'door');

/** Half of the questions stay within what rollups know: core dimensions and one further. */
const dimensions = fc.oneof(
  { weight: 3, arbitrary: fc.record({ one: further, core: fc.uniqueArray(core, { maxLength: 1 }) }) },
  { weight: 1, arbitrary: fc.record({ one: free, core: fc.uniqueArray(core, { maxLength: 1 }) }) },
  { weight: 1, arbitrary: fc.record({ one: core, core: fc.uniqueArray(further, { maxLength: 2 }) }) },
);

interface Given {
  readonly tenant: string | null;
  readonly query: CostQuery<Measure>;
}

const given: fc.Arbitrary<Given> = fc
  .record({
    tenant: oneOf<string | null>(...Object.keys(TENANTS), null, null),
    timezone: oneOf(...ZONES),
    ends: fc
      .tuple(
        fc.integer({ min: FROM, max: TO }),
        fc.integer({ min: FROM, max: TO }),
        oneOf(1, MINUTE, 15 * MINUTE, 60 * MINUTE),
      )
      .map(([a, b, grid]) => [a, b].map((at) => Math.floor(at / grid) * grid).sort((x, y) => x - y))
      .filter(([from = 0, to = 0]) => from < to),
    bucket: oneOf<Bucket | null>(null, ...BUCKETS),
    dimensions,
    groups: oneOf<'none' | 'one' | 'all'>('none', 'one', 'all', 'all'),
    filtered: oneOf<'none' | 'one' | 'all'>('none', 'none', 'one', 'all'),
    pick: fc.array(fc.nat(EVENTS - 1), { minLength: 1, maxLength: 2 }),
    withEmpty: fc.boolean(),
    onlyEmpty: oneOf(false, false, false, true),
    rankBy: oneOf(...MEASURES),
    compare: oneOf<CostQuery['compare']>(null, null, 'previous_period', 'previous_day', 'previous_month'),
    limit: fc.integer({ min: 1, max: 6 }),
  })
  .map(({ tenant, ends: [from = 0, to = 0], dimensions: { one, core: rest }, ...asked }) => {
    const names = (how: 'none' | 'one' | 'all') => {
      if (how === 'none') return [];
      return how === 'one' ? [one] : [...new Set([one, ...rest])];
    };
    const filters: { [name: string]: string[] } = {};
    for (const name of names(asked.filtered)) {
      const picked = asked.pick.map((index) => eventAt(index, name));
      filters[name] = asked.onlyEmpty ? [''] : [...new Set([...picked, ...(asked.withEmpty ? [''] : [])])];
    }
    const { timezone, bucket, rankBy, compare, limit } = asked;
    const query = {
      from,
      to,
      timezone,
      bucket,
      groupBy: names(asked.groups),
      filters,
      rankBy,
      compare,
      limit,
    };
    return { tenant, query: { ...query, measures: MEASURES } };
  });

/** Values to filter by are taken from events. */
function eventAt(index: number, name: Dimension): string {
  const sample = events[index];
  return sample === undefined ? '' : valueIn(sample, name);
}

/** What answers: rollups and events, events alone, or a store in memory that adds up one by one. */
type Engine = 'postgres' | 'events only' | 'memory';
const ENGINES = ['postgres', 'memory'] as const satisfies readonly Engine[];
const memory = createMemoryCosts(events);

const withEngine = <Result>(
  engine: Engine,
  tenant: string | null,
  work: (scope: SumScope) => Promise<Result>,
): Promise<Result> =>
  withScope(test.database, tenant, (scope) => {
    if (engine === 'postgres') return work(scope);
    const costs = engine === 'memory' ? memory : createPostgresCosts(scope.tx, { eventsOnly: true });
    return work({ costs, tenants: scope.tenants });
  });

const ask = ({ tenant, query }: Given, engine: Engine = 'postgres'): Promise<CostAnswer<AllSums>> =>
  withEngine(engine, tenant, (scope) => runCostQuery(scope, query));

const inPeriod = ({ tenant, query }: Given, from: number, to: number): SeedEvent[] =>
  events.filter(
    (event) =>
      (tenant === null || event.tenant === tenant) &&
      event.time >= from &&
      event.time < to &&
      matches(event, query.filters as CostFilters),
  );

/** Sums exactly; each quantile in the bin of the true one. */
function expectSums(sums: AllSums | null | undefined, naive: NaiveSums): void {
  if (!sums) throw new Error('there are no sums');
  const { latencyBins, ...plain } = sums;
  const { latencies, ...wanted } = naive;
  expect(plain).toEqual(wanted);
  expect(latencyBins.reduce((sum, count) => sum + count, 0)).toBe(latencies.length);
  for (const quantile of Object.values(QUANTILES)) {
    const answered = latencyQuantileMs(sums, quantile);
    const truth = latencies[Math.max(1, Math.ceil(quantile * latencies.length)) - 1];
    if (truth === undefined) {
      expect(answered).toBeNull();
      continue;
    }
    const [low, high] = binEdgesUs(latencyBin(truth));
    expect((answered ?? Number.NaN) * 1000).toBeGreaterThanOrEqual(low);
    expect((answered ?? Number.NaN) * 1000).toBeLessThanOrEqual(high);
  }
  expect(averageLatencyMs(sums) === null).toBe(latencies.length === 0);
}

const total = (cells: readonly (AllSums | null)[]): AllSums | undefined =>
  cells
    .filter((cell) => cell !== null)
    .reduce<AllSums | undefined>((sum, cell) => (sum === undefined ? cell : addSums(sum, cell)), undefined);

/** The answer without what names its tables. */
const figures = ({ sources: _, ...answer }: CostAnswer<AllSums>) => answer;

describe('a cost query', () => {
  it('gives to the picodollar what adding the events up one by one gives, whichever table or store answers', async () => {
    const sources = new Set<string>();
    let fromRollups = 0;
    await fc.assert(
      fc.asyncProperty(given, async (asked) => {
        const { query } = asked;
        const answer = await ask(asked);
        for (const engine of ['events only', 'memory'] as const) {
          expect(figures(await ask(asked, engine))).toEqual(figures(answer));
        }
        for (const source of answer.sources) sources.add(source);
        if (answer.sources.some((source) => source !== 'usage_events') && query.groupBy.length > 0)
          fromRollups += 1;

        const inside = inPeriod(asked, query.from, query.to);
        expectSums(answer.total.sums, addUp(inside));
        expectBuckets(answer, query, inside);
        for (const group of answer.groups) {
          const own = inside.filter((event) => keyOf(event, query.groupBy) === JSON.stringify(group.values));
          expectSums(group.sums, addUp(own));
        }
        expectGroupsMakeTotal(answer, query, inside);
        if (answer.previous !== null) {
          const earlier = inPeriod(asked, answer.previous.from, answer.previous.to);
          expectSums(answer.total.previous, addUp(earlier));
        }
      }),
      { numRuns: 120, seed: 42 },
    );
    expect([...sources].sort()).toEqual(['rollups_15m', 'rollups_day', 'usage_events']);
    expect(fromRollups).toBeGreaterThan(30);
  }, 240_000);

  it.each(ENGINES)(
    'gives the same for many periods at once, overlapping ones and one asked twice: %s',
    async (engine) => {
      await fc.assert(
        fc.asyncProperty(given, async ({ tenant, query }) => {
          const { from, to, timezone, bucket, filters } = query;
          const whole = { from, to };
          const parts = bucketSpans(from, to, timezone, bucket ?? 'day').slice(0, 60);
          const spans = parts.map(({ start, end }) => ({ from: start, to: end }));
          const periods = [whole, ...spans, whole, { from, to: Math.ceil((from + to) / 2) }];
          const asked = { periods, filters, measures: STANDARD_MEASURES };
          const sums = await withEngine(engine, tenant, (scope) => sumPeriods(scope, asked));
          const naive = periods.map((period) => addUp(inPeriod({ tenant, query }, period.from, period.to)));
          expect(sums).toEqual(naive.map(({ latencies, latencyUs, timedRequests, ...wanted }) => wanted));
        }),
        { numRuns: 60, seed: 11 },
      );
    },
    240_000,
  );

  it.each(ENGINES)(
    'answers several values of a dimension and none of it together, grouped or not: %s',
    async (engine) => {
      const query = {
        from: FROM,
        to: TO,
        timezone: 'Europe/Berlin',
        bucket: 'day',
        filters: { 'tag.team': ['a', ''], model: ['m-1', 'm-2'] },
        measures: MEASURES,
        rankBy: 'cost',
        compare: null,
        limit: 10,
      } as const;
      for (const groupBy of [[], ['tag.team'], ['tenant', 'tag.team']] as const) {
        const asked = { tenant: null, query: { ...query, groupBy } };
        const answer = await ask(asked, engine);
        expect(answer.sources).not.toEqual(['usage_events']);
        const inside = inPeriod(asked, FROM, TO);
        expectSums(answer.total.sums, addUp(inside));
        for (const group of answer.groups) {
          const own = inside.filter((event) => keyOf(event, groupBy) === JSON.stringify(group.values));
          expectSums(group.sums, addUp(own));
        }
        expect(answer.groups.length).toBe([0, 2, 10][groupBy.length]);
      }
    },
  );

  it('tells when there were calls, of anybody and of a workflow, the same from either store', async () => {
    const times = (engine: Engine) =>
      withEngine(engine, null, async ({ costs, tenants }) => {
        const stretches = tenants.flatMap(({ id }) =>
          [FROM - 1, FROM, TO - 1, TO].map((from) => ({ tenant: id, from, to: from + 90 * MINUTE })),
        );
        const own = tenants.map(({ id }) => ({ tenant: id, from: FROM + 30 * MINUTE, to: TO - 90 * MINUTE }));
        const workflows: WorkflowTimes[][] = [];
        for (const name of ['wf-1', 'nobody'])
          workflows.push([...(await costs.workflowTimes(tenants, name))]);
        const calls: (FirstAndLast | null)[] = [];
        for (const stretch of own) calls.push(await costs.workflowCalls(stretch, 'wf-2'));
        return {
          firstDay: await costs.firstDay(tenants),
          stretches: await costs.stretchesWithCalls(stretches),
          workflows,
          calls,
        };
      });
    const [postgres, memory] = [await times('postgres'), await times('memory')];
    expect(postgres).toEqual(memory);
    expect(postgres.stretches.length).toBeGreaterThan(0);
    expect(postgres.workflows.map((found) => found.length)).toEqual([Object.keys(TENANTS).length, 0]);
  });

  it.each(ENGINES)('ranks groups by any measure, what has none last: %s', async (engine) => {
    for (const rankBy of MEASURES) {
      const query = {
        from: FROM,
        to: TO,
        timezone: 'UTC',
        bucket: null,
        groupBy: ['agent', 'session'] as const,
        filters: {},
        measures: MEASURES,
        rankBy,
        compare: null,
        limit: 100,
      };
      const weights = (await ask({ tenant: 'acme', query }, engine)).groups.map((group) =>
        Number(weigh(rankBy, group.sums) ?? Number.NEGATIVE_INFINITY),
      );
      expect(weights.length).toBeGreaterThan(5);
      const sorted = weights.toSorted((a, b) => b - a);
      for (const [place, weight] of weights.entries()) {
        expect(weight).toBeCloseTo(sorted[place] ?? Number.NaN, 6);
      }
    }
  });
});

function expectBuckets(
  answer: CostAnswer<AllSums>,
  { bucket, timezone }: CostQuery<Measure>,
  inside: readonly SeedEvent[],
): void {
  if (bucket === null) return;
  const label = createLabel(timezone, bucket);
  const byLabel = Map.groupBy(inside, (event) => label(event.time));
  for (const [index, span] of answer.buckets.entries()) {
    expectSums(answer.total.series[index], addUp(byLabel.get(span.label) ?? []));
    byLabel.delete(span.label);
  }
  expect([...byLabel.keys()]).toEqual([]);
}

function expectGroupsMakeTotal(
  answer: CostAnswer<AllSums>,
  { groupBy, limit, compare }: CostQuery<Measure>,
  inside: readonly SeedEvent[],
): void {
  if (groupBy.length === 0) return;
  const cells = [...answer.groups, ...(answer.other === null ? [] : [answer.other])];
  const sums = total(cells.map((cell) => cell.sums));
  if (sums !== undefined) expect(sums).toEqual(answer.total.sums);
  else expect(answer.total.sums.requests).toBe(0);
  for (const index of answer.buckets.keys()) {
    const series = total(cells.map((cell) => cell.series[index] ?? null));
    if (series !== undefined) expect(series).toEqual(answer.total.series[index]);
  }
  const previous = total(cells.map((cell) => cell.previous));
  if (previous !== undefined) expect(previous).toEqual(answer.total.previous);
  expect(answer.groups.length).toBe(Math.min(limit, answer.groupCount));
  if (compare === null)
    expect(answer.groupCount).toBe(new Set(inside.map((event) => keyOf(event, groupBy))).size);
}
