import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { testEvent } from '../../../../tests/ledger/events.ts';
import { brokenInvariants } from '../../../../tests/ledger/invariants.ts';
import { removeFolder, type TestRecorder, testRecorder } from '../../../../tests/ledger/recorders.ts';
import { createTestDatabase, type TestDatabase } from '../../../../tests/postgres/test-database.ts';
import { OverloadedError } from './overloaded-error.ts';

let store: TestDatabase;
let opened: TestRecorder;

beforeAll(async () => {
  store = await createTestDatabase();
});
afterAll(() => store.drop());
beforeEach(async () => {
  opened = await testRecorder(store.database);
  return async () => {
    await opened.recorder.drain();
    await removeFolder(opened.spoolDirectory);
    expect(await brokenInvariants(store.database)).toEqual([]);
  };
});

async function one<Row extends object>(sql: string, values: unknown[] = []): Promise<Row | undefined> {
  return (await store.database.asOperator((tx) => tx.query<Row>(sql, values))).rows[0];
}

describe('one event', () => {
  test('is accepted with its exact cost, and the row, its agent, project and price card are there', async () => {
    const event = testEvent({
      input: 1000,
      output: 100,
      attribution: { agent: 'planner', project: 'atlas' },
    });
    const [outcome] = await opened.recorder.record([event]);
    expect(outcome).toEqual({ status: 'accepted', id: event.id, costPicos: 3_500_000_000n, unpriced: [] });
    const row = await one<{ total_cost: string; charge: [string][]; time: Date; raw_usage: object }>(
      `select total_cost, charge_of(e) as charge, event_time as time, raw_usage_of(e) as raw_usage
         from usage_events e where id = $1`,
      [event.id],
    );
    expect(row?.total_cost).toBe('0.003500000000');
    expect(row?.time.getTime()).toBe(event.time);
    expect(row?.raw_usage).toEqual(event.rawUsage);
    const cards = await one(
      `select 1 from price_cards where id = (select charge_of(e) -> 0 ->> 5 from usage_events e where id = $1)`,
      [event.id],
    );
    expect(cards).toBeDefined();
    expect(await one(`select 1 from agents where name = 'planner'`)).toBeDefined();
    expect(await one(`select 1 from projects where id = 'atlas'`)).toBeDefined();
  });

  test('again with the same content is a duplicate with the stored cost', async () => {
    const event = testEvent();
    const [first] = await opened.recorder.record([event]);
    const [again] = await opened.recorder.record([event]);
    expect(again).toEqual({ ...first, status: 'duplicate' });
  });

  test('of an unknown model is stored with no cost and counted as unpriced', async () => {
    const event = testEvent({ model: 'a-model-nobody-knows' });
    const [outcome] = await opened.recorder.record([event]);
    expect(outcome).toMatchObject({ status: 'accepted', costPicos: null });
    expect(outcome?.status === 'accepted' && outcome.unpriced.length).toBeGreaterThan(0);
    const row = await one<{ unpriced_requests: string; total_cost: string }>(
      `select unpriced_requests, total_cost from rollups_15m where dimension = 'all' and model = $1`,
      [event.model],
    );
    expect(row).toEqual({ unpriced_requests: '1', total_cost: '0.000000000000' });
    const [again] = await opened.recorder.record([event]);
    expect(again).toEqual({ ...outcome, status: 'duplicate' });
  });

  test('with other content under a known id is a conflict and changes nothing', async () => {
    const event = testEvent();
    await opened.recorder.record([event]);
    const [outcome] = await opened.recorder.record([testEvent({ id: event.id, output: 9999 })]);
    expect(outcome).toMatchObject({ status: 'conflict', id: event.id });
  });

  test.each(['partial', 'estimated', 'none'] as const)(
    'reported after %s supersedes it, in another month, model and agent too',
    async (source) => {
      const first = testEvent({ source, output: 5, attribution: { agent: 'a' } });
      const second = testEvent({
        id: first.id,
        time: Date.UTC(2026, 9, 31, 23, 59),
        model: 'gpt-4o-mini',
        output: 700,
        attribution: { agent: 'b' },
      });
      await opened.recorder.record([first]);
      const [outcome] = await opened.recorder.record([second]);
      expect(outcome).toMatchObject({ status: 'superseded', id: first.id });
      expect(await brokenInvariants(store.database)).toEqual([]);
      const row = await one<{ model: string }>('select model from usage_events where id = $1', [first.id]);
      expect(row?.model).toBe('gpt-4o-mini');
      const change = await one<{ reason: string }>(
        'select reason from cost_adjustments where event_id = $1',
        [first.id],
      );
      expect(change?.reason).toBe('superseded');
      const [again] = await opened.recorder.record([second]);
      expect(again).toMatchObject({ status: 'duplicate' });
      const [late] = await opened.recorder.record([first]);
      expect(late).toEqual(again);
    },
  );
});

describe('a batch', () => {
  test('keeps its good items: duplicate, conflict, unstorable and unknown tenant stand alone', async () => {
    const known = testEvent();
    await opened.recorder.record([known]);
    const good = [
      testEvent(),
      testEvent(),
      testEvent({ tenant: 'default', model: 'text-embedding-3-small' }),
    ];
    const batch = [
      good[0],
      known,
      testEvent({ id: known.id, input: 1 }),
      testEvent({ metadata: { note: 'zero \u0000 character' } }),
      good[1],
      testEvent({ tenant: 'nobody' }),
      testEvent({ id: 'half \ud800 pair' }),
      testEvent({ model: 'm'.repeat(400_000) }),
      testEvent({ time: Date.UTC(2019, 0, 1) }),
      good[2],
    ].filter((event) => event !== undefined);
    const outcomes = await opened.recorder.record(batch);
    expect(outcomes.map((outcome) => outcome.status)).toEqual([
      'accepted',
      'duplicate',
      'conflict',
      'rejected',
      'accepted',
      'rejected',
      'rejected',
      'rejected',
      'rejected',
      'accepted',
    ]);
    expect(outcomes[5]).toMatchObject({ code: 'unknown_tenant' });
  });

  test('with one id many times counts it once', async () => {
    const event = testEvent();
    const other = testEvent({ id: event.id, output: 1 });
    const outcomes = await opened.recorder.record([event, event, other, event]);
    expect(outcomes.map((outcome) => outcome.status)).toEqual([
      'accepted',
      'duplicate',
      'conflict',
      'duplicate',
    ]);
  });

  test('with a cut-short event, its report and another cut-short one answers as if they had come one by one', async () => {
    const cut = testEvent({ source: 'partial', output: 1 });
    const late = testEvent({ id: cut.id, source: 'partial', output: 2 });
    const outcomes = await opened.recorder.record([cut, testEvent({ id: cut.id }), late]);
    expect(outcomes.map(({ status }) => status)).toEqual(['accepted', 'superseded', 'duplicate']);
  });

  test('with a cut-short event and then its reported one ends up with the reported one', async () => {
    const cut = testEvent({ source: 'partial', output: 2 });
    const whole = testEvent({ id: cut.id });
    const outcomes = await opened.recorder.record([cut, whole, whole]);
    expect(outcomes.map((outcome) => outcome.status)).toEqual(['accepted', 'superseded', 'duplicate']);
  });

  test.each(['partial', 'estimated', 'none'] as const)(
    'and %s usage that comes after the report of its call, in one batch or later, changes nothing',
    async (source) => {
      const whole = testEvent();
      const late = testEvent({ id: whole.id, source, output: 2, time: whole.time - 80 });
      const [kept, together] = await opened.recorder.record([whole, late]);
      const [after] = await opened.recorder.record([late]);
      expect(kept?.status).toBe('accepted');
      for (const outcome of [together, after]) expect(outcome).toEqual({ ...kept, status: 'duplicate' });
      const rows =
        "select count(*)::int as events, min(coalesce(usage_source, 'reported')) as source from usage_events where id = $1";
      expect(await one(rows, [whole.id])).toEqual({ events: 1, source: 'reported' });
      const aside = 'select count(*)::int as n from quarantined_events where event_id = $1';
      expect(await one(aside, [whole.id])).toEqual({ n: 0 });
    },
  );
});

describe('many writers', () => {
  test('50 that race for the same ids store each once', async () => {
    const events = Array.from({ length: 20 }, () => testEvent());
    const second = await testRecorder(store.database);
    const calls = Array.from({ length: 50 }, (_, writer) =>
      (writer % 2 === 0 ? opened : second).recorder.record(writer % 3 === 0 ? events.toReversed() : events),
    );
    const statuses = (await Promise.all(calls)).flat().map((outcome) => outcome.status);
    expect(statuses.filter((status) => status === 'accepted')).toHaveLength(20);
    expect(statuses.filter((status) => status === 'duplicate')).toHaveLength(980);
    await second.recorder.drain();
  });

  test('of single events share transactions', async () => {
    const outcomes = await Promise.all(
      Array.from({ length: 500 }, () => opened.recorder.record([testEvent()])),
    );
    expect(outcomes.flat().every((outcome) => outcome.status === 'accepted')).toBe(true);
    expect(opened.recorder.status()).toMatchObject({ committedEvents: 500, queuedEvents: 0, queuedBytes: 0 });
    expect(opened.recorder.status().commits).toBeLessThan(50);
  });

  test('in two processes with overlapping ids lose no rollup and never deadlock', async () => {
    const second = await testRecorder(store.database);
    const events = Array.from({ length: 3000 }, (_, index) =>
      testEvent({ time: Date.UTC(2026, 10, 1 + (index % 20)), attribution: { agent: `agent-${index % 7}` } }),
    );
    const slices = (from: number, step: number) =>
      Array.from({ length: 30 }, (_, index) => events.slice(from + index * step, from + index * step + 150));
    await Promise.all([
      ...slices(0, 95).map((slice) => opened.recorder.record(slice)),
      ...slices(0, 95).map((slice) => second.recorder.record(slice.toReversed())),
    ]);
    expect(opened.failed).toEqual([]);
    expect(second.failed).toEqual([]);
    await second.recorder.drain();
  });
});

describe('bounds and end', () => {
  test('past the queue bound a call is refused whole, and the queue empties again', async () => {
    const small = await testRecorder(store.database, { limits: { queueBytes: 20_000 } });
    const first = small.recorder.record(Array.from({ length: 50 }, () => testEvent()));
    await expect(small.recorder.record(Array.from({ length: 10 }, () => testEvent()))).rejects.toThrow(
      OverloadedError,
    );
    await first;
    expect((await small.recorder.record([testEvent()]))[0]?.status).toBe('accepted');
    await small.recorder.drain();
    await removeFolder(small.spoolDirectory);
  });

  test('drain finishes what was accepted and then refuses', async () => {
    const recorder = (await testRecorder(store.database)).recorder;
    const running = recorder.record(Array.from({ length: 1000 }, () => testEvent()));
    await recorder.drain();
    expect((await running).every((outcome) => outcome.status === 'accepted')).toBe(true);
    await expect(recorder.record([testEvent()])).rejects.toThrow(OverloadedError);
  });
});
