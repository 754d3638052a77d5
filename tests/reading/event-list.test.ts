/** The event list against a filter over events in memory: every event once, newest first, however it is found. */
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { CostFilters, Dimension } from '../../packages/server/src/costs/cost-query.ts';
import { withScope } from '../../packages/server/src/costs/with-scope.ts';
import { listEvents } from '../../packages/server/src/event-list/list-events.ts';
import type { EventFilter } from '../../packages/server/src/ledger/event-filter.ts';
import { type SeedEvent, seedEvents, seedTenant } from '../postgres/seed-events.ts';
import { createTestDatabase, type TestDatabase } from '../postgres/test-database.ts';
import { eventArbitrary, FROM, matches, oneOf, TENANTS, TO, valueIn } from './naive-ledger.ts';

const EVENTS = 1_500;
const events = fc.sample(eventArbitrary, { numRuns: EVENTS, seed: 11 });
let test: TestDatabase;

beforeAll(async () => {
  test = await createTestDatabase();
  for (const [id, zone] of Object.entries(TENANTS)) await seedTenant(test.database, id, zone);
  await seedEvents(test.database, events);
});
afterAll(() => test.drop());

const NAMES = [
  'model',
  'agent',
  'project',
  'environment',
  'workflow',
  'user',
  'status',
  'tag.team',
  'tag.cost',
] as const;

const given = fc.record({
  tenant: oneOf<string | null>(...Object.keys(TENANTS), null, null),
  names: fc.uniqueArray(oneOf<Dimension>(...NAMES), { maxLength: 3 }),
  pick: fc.nat(EVENTS - 1),
  unpriced: oneOf(undefined, undefined, undefined, true, false),
  from: oneOf(null, null, FROM + 431_234_567, TO - 9 * 86_400_000),
  to: oneOf(null, null, TO - 5 * 86_400_000, TO - 123_456_789),
  limit: fc.integer({ min: 20, max: 400 }),
});

/** As the API would be asked: tags apart, no tag without a value. */
function filterOf(wanted: { readonly [name: string]: string }, unpriced: boolean | undefined): EventFilter {
  const entries = Object.entries(wanted);
  const tags = Object.fromEntries(
    entries.flatMap(([name, value]) => (name.startsWith('tag.') ? [[name.slice(4), value]] : [])),
  );
  const plain = Object.fromEntries(entries.filter(([name]) => !name.startsWith('tag.'))) as EventFilter;
  return {
    ...plain,
    ...(Object.keys(tags).length > 0 ? { tags } : {}),
    ...(unpriced === undefined ? {} : { unpriced }),
  };
}

function newestFirst(a: SeedEvent, b: SeedEvent): number {
  if (a.time !== b.time) return b.time - a.time;
  if (a.id !== b.id) return a.id < b.id ? 1 : -1;
  return a.tenant < b.tenant ? 1 : -1;
}

describe('the event list', () => {
  it('walks through all that match, each once and newest first, by any filter, for one tenant and for all', async () => {
    await fc.assert(
      fc.asyncProperty(given, async ({ tenant, names, pick, unpriced, from, to, limit }) => {
        const sample = events[pick];
        const wanted = Object.fromEntries(
          names.flatMap((name) => {
            const value = sample === undefined ? '' : valueIn(sample, name);
            return name.startsWith('tag.') && value === '' ? [] : [[name, value]];
          }),
        );
        const filters: CostFilters = Object.fromEntries(
          Object.entries(wanted).map(([name, value]) => [name, [value]]),
        );
        const expected = events
          .filter(
            (event) =>
              (tenant === null || event.tenant === tenant) &&
              (from === null || event.time >= from) &&
              (to === null || event.time < to) &&
              (unpriced === undefined || (event.costPicos === null) === unpriced) &&
              matches(event, filters),
          )
          .sort(newestFirst);
        const found: string[] = [];
        let cursor: string | undefined;
        do {
          const page = await withScope(test.database, tenant, (scope) =>
            listEvents(scope, {
              filter: filterOf(wanted, unpriced),
              limit,
              cursor,
              ...(from === null ? {} : { from: new Date(from).toISOString() }),
              ...(to === null ? {} : { to: new Date(to).toISOString() }),
            }),
          );
          expect(page.events.length).toBeLessThanOrEqual(limit);
          if (page.next_cursor !== null) expect(page.events.length).toBe(limit);
          found.push(...page.events.map((event) => event.id));
          cursor = page.next_cursor ?? undefined;
        } while (cursor !== undefined);
        expect(found).toEqual(expected.map((event) => event.id));
      }),
      { numRuns: 120, seed: 5 },
    );
  }, 240_000);
});
