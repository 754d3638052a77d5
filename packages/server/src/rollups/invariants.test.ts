import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type TestEvent, testEvent } from '../../../../tests/ledger/events.ts';
import { removeFolder, testRecorder } from '../../../../tests/ledger/recorders.ts';
import { createTestDatabase, type TestDatabase } from '../../../../tests/postgres/test-database.ts';
import type { UsageEvent } from '../ledger/usage-event.ts';
import { proveCharges, proveSums } from './invariants.ts';

const DAY = { tenant: 'default', from: Date.UTC(2026, 10, 20), to: Date.UTC(2026, 10, 21) };

const kind = (changes: Partial<UsageEvent>, given: TestEvent = {}): UsageEvent => ({
  ...testEvent(given),
  ...changes,
});
const segment = (quantities: UsageEvent['segments'][number]['quantities'], model: string | null = null) => ({
  model,
  quantities,
  contextTokens: 0,
});
const UNKNOWN = 'a-model-nobody-knows';

/** Every kind of charge there is; each by what is odd about it. */
function everyKind(): { readonly [what: string]: UsageEvent } {
  return {
    'a usual call': kind({}),
    'a call with cache and reasoning': kind({}, { cached: 50, cacheWritten: 10, reasoning: 20 }),
    'no usage': kind({ segments: [], source: 'none', rawUsage: null }),
    'no usage of an empty segment': kind({ segments: [segment({})], source: 'none' }),
    'an error without usage': kind({ segments: [], source: 'none', status: 'error' }),
    'an error with usage': kind({ status: 'error' }),
    'not billed': kind({ segments: [], source: 'none', billed: false }),
    'a usage of nothing': kind({ segments: [segment({ input_uncached: 0, output_text: 0 })] }),
    'an unknown model': kind({}, { model: UNKNOWN }),
    'an unknown model and a usage of nothing': kind(
      { segments: [segment({ input_uncached: 0 })] },
      { model: UNKNOWN },
    ),
    'an unknown model and one request': kind({ segments: [segment({ requests: 1 })] }, { model: UNKNOWN }),
    'one segment priced, one of nothing by an unknown model': kind({
      segments: [segment({ input_uncached: 9 }), segment({ input_uncached: 0 }, UNKNOWN)],
    }),
    'one segment priced, one not': kind({
      segments: [segment({ input_uncached: 9 }), segment({ input_uncached: 4 }, UNKNOWN)],
    }),
    'a meter without a price': kind({ segments: [segment({ input_uncached: 9, web_searches: 2 })] }),
    'a stated cost': kind({ reportedCost: { usd: '0.5', field: 'cost' } }, { provider: 'openrouter' }),
    'a stated cost of an unknown model': kind(
      { reportedCost: { usd: '0.5', field: 'cost' } },
      { provider: 'openrouter', model: UNKNOWN },
    ),
    'a stated cost of 0 of an unknown model': kind(
      { reportedCost: { usd: '0', field: 'cost' } },
      { provider: 'openrouter', model: UNKNOWN },
    ),
    'a stated cost without usage': kind(
      { segments: [], source: 'none', reportedCost: { usd: '0.25', field: 'cost' } },
      { provider: 'openrouter' },
    ),
    estimated: kind({}, { source: 'estimated' }),
    'cut short': kind({ status: 'aborted' }, { source: 'partial' }),
    'without a latency': kind({}, { latencyMs: null }),
  };
}

let store: TestDatabase;
let events: { readonly [what: string]: UsageEvent };
beforeAll(async () => {
  store = await createTestDatabase();
});
afterAll(() => store.drop());

const prove = () =>
  store.database.asOperator(async (tx) => ({
    sums: (await proveSums(tx, DAY, true)).difference,
    charges: (await proveCharges(tx, DAY)).difference,
  }));

beforeEach(async () => {
  await store.database.asOwner((tx) =>
    tx.query('truncate usage_events, event_ids, rollups_15m, rollups_day'),
  );
  events = everyKind();
  for (const tier of ['production', 'development'] as const) {
    const { recorder, spoolDirectory } = await testRecorder(store.database, {
      terms: { tier, reported: ['openrouter'] },
    });
    const all = tier === 'production' ? Object.values(events) : Object.values(everyKind());
    const outcomes = await recorder.record(all);
    expect(outcomes.filter(({ status }) => status !== 'accepted')).toEqual([]);
    if (tier === 'production') {
      const cut = testEvent({ source: 'partial', output: 1 });
      await recorder.record([cut]);
      await recorder.record([testEvent({ id: cut.id })]);
    }
    await recorder.drain();
    await removeFolder(spoolDirectory);
  }
});

test('nothing is said of a ledger with every kind of event that is as it should be', async () => {
  expect(await prove()).toEqual({ sums: null, charges: null });
});

describe('a charge that was changed by hand is found', () => {
  test.each([
    ['a usual call', 'total_cost = null', 'total_cost'],
    ['a usual call', 'total_cost = total_cost + 1', 'total_cost'],
    ['a usual call', 'output_cost = output_cost + 1', 'input_cost + output_cost + other_cost'],
    ['a usual call', `charge = '[]'`, 'input_cost + output_cost + other_cost'],
    ['a usual call', 'reasoning_tokens = output_tokens + 1', 'quantities'],
    ['a usual call', 'cache_read_tokens = -1', 'quantities'],
    ['a call with cache and reasoning', 'input_tokens = 5', 'quantities'],
    ['an error with usage', 'total_cost = null', 'total_cost'],
    ['an unknown model', 'total_cost = 0', 'total_cost'],
    ['one segment priced, one not', 'total_cost = input_cost', 'total_cost'],
    ['a meter without a price', 'total_cost = input_cost', 'total_cost'],
    ['a stated cost', 'total_cost = 0.4', 'total_cost'],
    ['a stated cost of an unknown model', 'other_cost = 0.4', 'input_cost + output_cost + other_cost'],
    ['estimated', 'total_cost = null', 'total_cost'],
    ['no usage', 'input_cost = 1', 'input_cost + output_cost + other_cost'],
  ])('%s: %s', async (what, change, column) => {
    const id = events[what]?.id;
    await store.database.asOperator(async (tx) => {
      const { rowCount } = await tx.query(`update usage_events set ${change} where id = $1`, [id]);
      expect(rowCount).toBe(1);
    });
    const { charges } = await prove();
    expect(charges).toMatchObject({ row: id, different: 1 });
    expect(charges?.columns.map((one) => one.column)).toContain(column);
  });
});

describe('a sum that was changed by hand is found', () => {
  test.each([
    'requests',
    'errors',
    'unpriced_requests',
    'input_tokens',
    'latency_us',
    'timed_requests',
    'total_cost',
    'list_cost',
    'l20',
  ])('%s', async (column) => {
    await store.database.asOperator((tx) =>
      tx.query(
        `update rollups_15m set ${column} = coalesce(${column}, 0) + 1
          where dimension = 'all' and model = 'gpt-4o' and provider = 'openai'`,
      ),
    );
    const { sums } = await prove();
    expect(sums?.columns.map((one) => one.column)).toContain(column);
  });
});
