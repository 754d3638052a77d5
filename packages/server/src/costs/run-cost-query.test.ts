import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { seedEvents, seedTenant } from '../../../../tests/postgres/seed-events.ts';
import { createTestDatabase, type TestDatabase } from '../../../../tests/postgres/test-database.ts';
import { eventArbitrary, FROM, TENANTS, TO } from '../../../../tests/reading/naive-ledger.ts';
import type { CostAnswer, CostQuery, Dimension } from './cost-query.ts';
import { runCostQuery } from './run-cost-query.ts';
import { withScope } from './with-scope.ts';

let test: TestDatabase;

beforeAll(async () => {
  test = await createTestDatabase();
  for (const [id, zone] of Object.entries(TENANTS)) await seedTenant(test.database, id, zone);
  await seedEvents(test.database, fc.sample(eventArbitrary, { numRuns: 2_000, seed: 7 }));
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

describe('runCostQuery', () => {
  it('answers days of the reporting zone from day rows, of other zones with quarter hours beside, free dimensions from events', async () => {
    const day = {
      ...plain,
      from: Date.UTC(2026, 9, 24, 22),
      to: Date.UTC(2026, 9, 26, 23),
      timezone: 'Europe/Berlin',
      bucket: 'day',
    } as const;
    expect((await ask('acme', day)).sources).toEqual(['rollups_day']);
    expect((await ask('initech', day)).sources).toEqual(['rollups_day', 'rollups_15m']);
    expect((await ask('initech', { ...day, to: Date.UTC(2026, 9, 25, 3), bucket: 'hour' })).sources).toEqual([
      'rollups_15m',
    ]);
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
