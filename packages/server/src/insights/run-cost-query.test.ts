import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type SeedEvent, seedEvent, seedEvents, seedTenant } from '../../../../tests/postgres/seed-events.ts';
import { createTestDatabase, type TestDatabase } from '../../../../tests/postgres/test-database.ts';
import {
  BUCKETS,
  type Bucket,
  type CostAnswer,
  type CostQuery,
  type Dimension,
  type Filters,
} from './cost-query.ts';
import { runCostQuery } from './run-cost-query.ts';
import { withScope } from './scope.ts';
import type { Sums } from './sums.ts';

// Both clock changes of 2026 in Europe and America lie inside, and a change of year and of month.
const FROM = Date.UTC(2026, 9, 20);
const TO = Date.UTC(2026, 10, 12);
const ZONES = [
  'UTC',
  'Europe/Berlin',
  'America/New_York',
  'Asia/Kolkata',
  'Asia/Kathmandu',
  'Australia/Lord_Howe',
  'Pacific/Chatham',
];
const TENANTS = { acme: 'Europe/Berlin', globex: 'Asia/Kathmandu', initech: 'UTC' } as const;

const MINUTE = 60_000;
const oneOf = <T>(...values: readonly T[]) => fc.constantFrom(...values);

const eventArbitrary: fc.Arbitrary<SeedEvent> = fc
  .record({
    tenant: oneOf(...Object.keys(TENANTS)),
    // Whole quarter hours, a millisecond before them, and anything between.
    time: fc
      .tuple(
        fc.integer({ min: FROM / (15 * MINUTE), max: TO / (15 * MINUTE) - 1 }),
        oneOf(0, 0, -1, 1, 431_234),
      )
      .map(([quarter, ms]) => Math.max(FROM, quarter * 15 * MINUTE + ms)),
    provider: oneOf('openai', 'anthropic'),
    model: oneOf('m-1', 'm-2', 'm-3', 'm-4', "m'; drop table usage_events; --"),
    operation: oneOf('chat', 'embedding'),
    status: oneOf<SeedEvent['status']>('ok', 'ok', 'ok', 'error', 'aborted'),
    agent: oneOf(null, 'crawler', 'writer', 'critic'),
    project: oneOf(null, 'search', 'mail'),
    user: oneOf(null, 'u-1', 'u-2'),
    workflow: oneOf(null, 'wf-1', 'wf-2'),
    environment: oneOf(null, 'production'),
    tags: oneOf<SeedEvent['tags']>({}, { team: 'a' }, { team: 'b', 'odd "key\'': 'x' }),
    inputTokens: fc.nat(1_000_000),
    outputTokens: fc.nat(1_000_000),
    costPicos: fc.option(fc.bigInt(0n, 10n ** 16n), { freq: 6 }),
  })
  .map((facts) => seedEvent(facts));

let test: TestDatabase;
let events: SeedEvent[];

beforeAll(async () => {
  test = await createTestDatabase();
  for (const [id, zone] of Object.entries(TENANTS)) await seedTenant(test.database, id, zone);
  events = fc.sample(eventArbitrary, { numRuns: 1_500, seed: 7 });
  await seedEvents(test.database, events);
});
afterAll(() => test.drop());

const ask = (tenant: string | null, query: CostQuery): Promise<CostAnswer> =>
  withScope(test.database, tenant, (scope) => runCostQuery(scope, query));

const plain = {
  bucket: null,
  groupBy: [],
  filters: {},
  rankBy: 'cost',
  compare: null,
  limit: 10,
} as const satisfies Partial<CostQuery>;

/** What a dimension is, read off the event: the naive side of the comparison. */
function valueIn(event: SeedEvent, dimension: Dimension): string {
  if (dimension.startsWith('tag.')) return event.tags[dimension.slice(4)] ?? '';
  if (
    dimension === 'api_key' ||
    dimension === 'task' ||
    dimension === 'session' ||
    dimension === 'request_id'
  )
    return '';
  if (dimension === 'door') return 'api';
  return String(event[dimension as 'model'] ?? '');
}

/** The calendar as the platform's own formatter tells it, not as the code under test computes it. */
function createLabel(zone: string, bucket: Bucket): (time: number) => string {
  const days = new Intl.DateTimeFormat('en-CA', {
    timeZone: zone,
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
  });
  if (bucket === 'day') return (time) => days.format(time);
  if (bucket === 'month') return (time) => days.format(time).slice(0, 7);
  if (bucket === 'week') return (time) => weekOf(days.format(time));
  const hours = new Intl.DateTimeFormat('en-GB', {
    timeZone: zone,
    hour: '2-digit',
    hourCycle: 'h23',
    timeZoneName: 'longOffset',
  });
  return (time) => {
    const at = Object.fromEntries(hours.formatToParts(time).map(({ type, value }) => [type, value]));
    const offset = at['timeZoneName'] === 'GMT' ? '+00:00' : (at['timeZoneName'] ?? '').slice(3);
    return `${days.format(time)}T${at['hour']}:00${offset}`;
  };
}

/** ISO 8601: the week belongs to the year of its Thursday. */
function weekOf(day: string): string {
  const date = new Date(`${day}T00:00:00Z`);
  const thursday = new Date(date.getTime() + (4 - (date.getUTCDay() || 7)) * 86_400_000);
  const week =
    Math.floor((thursday.getTime() - Date.UTC(thursday.getUTCFullYear(), 0, 1)) / (7 * 86_400_000)) + 1;
  return `${thursday.getUTCFullYear()}-W${String(week).padStart(2, '0')}`;
}

const labelCache = new Map<string, ReadonlyMap<SeedEvent, string>>();
function labelsIn(zone: string, bucket: Bucket): ReadonlyMap<SeedEvent, string> {
  const key = `${zone} ${bucket}`;
  const known = labelCache.get(key);
  if (known !== undefined) return known;
  const label = createLabel(zone, bucket);
  const labels = new Map(events.map((event) => [event, label(event.time)]));
  labelCache.set(key, labels);
  return labels;
}

const brief = (sums: Sums) => ({
  cost: sums.costPicos,
  requests: sums.requests,
  errors: sums.errors,
  unpriced: sums.unpricedRequests,
  input: sums.inputTokens,
  output: sums.outputTokens,
});

const naive = (list: readonly SeedEvent[]): ReturnType<typeof brief> => ({
  cost: list.reduce((sum, event) => sum + (event.costPicos ?? 0n), 0n),
  requests: list.length,
  errors: list.filter((event) => event.status !== 'ok').length,
  unpriced: list.filter((event) => event.costPicos === null).length,
  input: list.reduce((sum, event) => sum + event.inputTokens, 0),
  output: list.reduce((sum, event) => sum + event.outputTokens, 0),
});

const sumOf = (list: readonly Sums[]) =>
  list.map(brief).reduce(
    (a, b) => ({
      cost: a.cost + b.cost,
      requests: a.requests + b.requests,
      errors: a.errors + b.errors,
      unpriced: a.unpriced + b.unpriced,
      input: a.input + b.input,
      output: a.output + b.output,
    }),
    naive([]),
  );

const keyOf = (event: SeedEvent, groupBy: readonly Dimension[]) =>
  JSON.stringify(groupBy.map((dimension) => valueIn(event, dimension)));

const dimension = oneOf<Dimension>(
  'provider',
  'model',
  'operation',
  'agent',
  'project',
  'user',
  'workflow',
  'environment',
  'status',
  'tag.team',
  'tag.odd "key\'',
);

const queryArbitrary = fc.record({
  tenant: oneOf<string | null>(...Object.keys(TENANTS), null),
  timezone: oneOf(...ZONES),
  ends: fc
    .tuple(
      fc.integer({ min: FROM, max: TO }),
      fc.integer({ min: FROM, max: TO }),
      oneOf(1, MINUTE, 15 * MINUTE, 60 * MINUTE),
    )
    .map(([a, b, grid]) => [a, b].map((at) => Math.floor(at / grid) * grid).sort((x, y) => x - y)),
  bucket: oneOf<Bucket | null>(null, ...BUCKETS),
  groupBy: fc.uniqueArray(dimension, { maxLength: 2 }),
  filterBy: fc.uniqueArray(dimension, { maxLength: 2 }),
  pick: fc.nat(1_499),
  withEmpty: fc.boolean(),
  rankBy: oneOf<CostQuery['rankBy']>('cost', 'requests', 'output_tokens'),
  compare: oneOf<CostQuery['compare']>(null, 'previous_period', 'previous_day', 'previous_month'),
  limit: fc.integer({ min: 1, max: 6 }),
});

describe('runCostQuery', () => {
  it('gives to the picodollar what adding the events up one by one gives, in any zone, bucket and grouping', async () => {
    const sources = new Set<string>();
    await fc.assert(
      fc.asyncProperty(queryArbitrary, async (given) => {
        const [from = 0, to = 0] = given.ends;
        fc.pre(from < to);
        const { tenant, timezone, bucket, groupBy, rankBy, compare, limit } = given;
        const sample = events[given.pick];
        const filters: Filters = Object.fromEntries(
          given.filterBy.map((name) => [
            name,
            [sample === undefined ? '' : valueIn(sample, name), ...(given.withEmpty ? [''] : [])],
          ]),
        );
        const answer = await ask(tenant, {
          from,
          to,
          timezone,
          bucket,
          groupBy,
          filters,
          rankBy,
          compare,
          limit,
        });
        for (const source of answer.sources) sources.add(source);
        const matching = events.filter(
          (event) =>
            (tenant === null || event.tenant === tenant) &&
            Object.entries(filters).every(([name, wanted]) =>
              wanted?.includes(valueIn(event, name as Dimension)),
            ),
        );
        const inside = matching.filter((event) => event.time >= from && event.time < to);
        expect(brief(answer.total.sums)).toEqual(naive(inside));
        if (answer.previous !== null) {
          const before = answer.previous;
          const earlier = matching.filter((event) => event.time >= before.from && event.time < before.to);
          expect(answer.total.previous && brief(answer.total.previous)).toEqual(naive(earlier));
          expect(
            sumOf(
              answer.groups.flatMap((group) => group.previous ?? []).concat(answer.other?.previous ?? []),
            ),
          ).toEqual(groupBy.length === 0 ? naive([]) : naive(earlier));
          if (bucket !== null) expect(sumOf(answer.total.previousSeries)).toEqual(naive(earlier));
        }
        if (bucket !== null) {
          const labels = labelsIn(timezone, bucket);
          const byLabel = Map.groupBy(inside, (event) => labels.get(event) ?? '');
          answer.buckets.forEach((span, index) => {
            const sums = answer.total.series[index];
            expect([span.label, sums && brief(sums)]).toEqual([
              span.label,
              naive(byLabel.get(span.label) ?? []),
            ]);
          });
        }
        for (const group of answer.groups) {
          const own = inside.filter((event) => keyOf(event, groupBy) === JSON.stringify(group.values));
          expect(brief(group.sums)).toEqual(naive(own));
        }
        if (groupBy.length > 0) {
          expect(answer.groups.length).toBe(Math.min(limit, answer.groupCount));
          expect(
            sumOf([
              ...answer.groups.map((group) => group.sums),
              ...(answer.other ? [answer.other.sums] : []),
            ]),
          ).toEqual(naive(inside));
          if (compare === null)
            expect(answer.groupCount).toBe(new Set(inside.map((event) => keyOf(event, groupBy))).size);
        }
      }),
      { numRuns: 80, seed: 42 },
    );
    expect([...sources].sort()).toEqual(['rollups_15m', 'rollups_day', 'usage_events']);
  }, 120_000);

  it('answers days of the reporting zone from day rows, other zones from quarter hours, free dimensions from events', async () => {
    const day = {
      ...plain,
      from: Date.UTC(2026, 9, 24, 22),
      to: Date.UTC(2026, 9, 26, 23),
      timezone: 'Europe/Berlin',
      bucket: 'day',
    } as const;
    expect((await ask('acme', day)).sources).toEqual(['rollups_day']);
    expect((await ask('initech', day)).sources).toEqual(['rollups_15m']);
    expect((await ask('acme', { ...day, groupBy: ['agent'] })).sources).toEqual(['rollups_day']);
    expect((await ask('acme', { ...day, groupBy: ['agent', 'project'] })).sources).toEqual(['usage_events']);
    expect((await ask('acme', { ...day, groupBy: ['workflow'] })).sources).toEqual(['rollups_day']);
    expect((await ask('acme', { ...day, groupBy: ['status'] })).sources).toEqual(['usage_events']);
    expect(
      (await ask('acme', { ...day, filters: { agent: ['crawler'] }, groupBy: ['model'] })).sources,
    ).toEqual(['rollups_day']);
  });

  it('gives the day of the clock change its 25 hours', async () => {
    const answer = await ask('acme', {
      ...plain,
      from: Date.UTC(2026, 9, 24, 22),
      to: Date.UTC(2026, 9, 25, 23),
      timezone: 'Europe/Berlin',
      bucket: 'hour',
    });
    expect(answer.buckets).toHaveLength(25);
    expect(new Set(answer.buckets.map((bucket) => bucket.label)).size).toBe(25);
  });

  it('names the highest groups and sums the rest, however many there are', async () => {
    const query = { ...plain, from: FROM, to: TO, timezone: 'UTC', groupBy: ['model'] as const, limit: 2 };
    const answer = await ask('acme', query);
    const full = await ask('acme', { ...query, limit: 100 });
    expect(answer.groups.map((group) => group.values)).toEqual(
      full.groups.slice(0, 2).map((group) => group.values),
    );
    expect(answer.groupCount).toBe(5);
    expect(answer.other?.sums.costPicos).toBe(
      full.groups.slice(2).reduce((sum, group) => sum + group.sums.costPicos, 0n),
    );
    const costs = full.groups.map((group) => group.sums.costPicos);
    expect(costs).toEqual([...costs].sort((a, b) => (a < b ? 1 : -1)));
  });

  it('refuses a question to events that reaches too far, and a chart of too many bars', async () => {
    const year = { ...plain, from: Date.UTC(2026, 0, 1), to: Date.UTC(2026, 11, 31), timezone: 'UTC' };
    await expect(ask('acme', { ...year, groupBy: ['workflow', 'agent'] })).rejects.toMatchObject({
      code: 'invalid_parameter',
    });
    await expect(ask('acme', { ...year, bucket: 'hour' })).rejects.toMatchObject({
      code: 'invalid_parameter',
    });
  });

  it('takes any text as a value and no name that is not a dimension', async () => {
    const query = { ...plain, from: FROM, to: TO, timezone: 'UTC' };
    const evil = "'; delete from usage_events; --";
    const answer = await ask('acme', { ...query, filters: { model: [evil], [`tag.${evil}`]: [evil] } });
    expect(answer.total.sums.requests).toBe(0);
    const grouped = await ask('acme', { ...query, groupBy: [`tag.${evil}`] });
    expect(grouped.groups.map((group) => group.values)).toEqual([['']]);
    await expect(ask('acme', { ...query, groupBy: [evil as Dimension] })).rejects.toThrow(
      'is not a dimension',
    );
    expect((await ask('acme', query)).total.sums.requests).toBeGreaterThan(300);
  });
});
