import { type Json, METER_NAMES, type UsageSegment } from '@farthing/pricing';
import { book } from '@farthing/pricing/book';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { testEvent } from '../../../../../tests/ledger/events.ts';
import { removeFolder, testRecorder } from '../../../../../tests/ledger/recorders.ts';
import { createTestDatabase, type TestDatabase } from '../../../../../tests/postgres/test-database.ts';
import { installedBook } from '../../price-book/installed-book.ts';
import { rateEvent, USUAL_TERMS } from '../../record/rate-event.ts';
import { chargeJson } from '../charge-json.ts';
import type { UsageEvent } from '../usage-event.ts';
import { usageDocument } from './usage-pattern.ts';

let store: TestDatabase;
beforeAll(async () => {
  store = await createTestDatabase();
});
afterAll(() => store.drop());

const MODELS = [
  ['openai', 'gpt-4o'],
  ['openai', 'gpt-5-mini'],
  ['anthropic', 'claude-sonnet-4-5'],
  ['google', 'gemini-2.5-pro'],
  ['openrouter', 'openai/gpt-4o'],
  ['openai', 'whisper-1'],
  ['openai', 'a-model-nobody-knows'],
] as const;

const count = fc.oneof(
  fc.constant(0),
  fc.constant(1),
  fc.nat(5_000),
  fc.nat(3_000_000),
  fc.integer({ min: 0, max: 90_000 }).map((n) => n / 8),
);
const segment = fc
  .record({
    model: fc.option(fc.constantFrom('gpt-4o-mini', 'o3', 'ein Modell – 100 %s'), { nil: null, freq: 6 }),
    quantities: fc.dictionary(fc.constantFrom(...METER_NAMES), count, { maxKeys: 5 }),
    contextTokens: fc.nat(500_000),
  })
  .map(
    ({ quantities, ...rest }): UsageSegment => ({
      ...rest,
      quantities: Object.fromEntries(
        Object.entries(quantities).map(([meter, value]) => [
          meter,
          meter.startsWith('audio_seconds') ? value : Math.floor(value),
        ]),
      ),
    }),
  );
const rawUsage: fc.Arbitrary<Json> = fc.oneof(
  fc.constant(null),
  fc.record({ prompt_tokens: count, completion_tokens: count, total_tokens: fc.nat(9_000) }),
  fc.record({
    promptTokensDetails: fc.array(fc.record({ modality: fc.constant('TEXT'), tokenCount: count })),
  }),
  fc.record({ service_tier: fc.constantFrom('standard', '100 % of %1$s', 'Jane Doe'), input_tokens: count }),
  fc
    .jsonValue({ noUnicodeString: false })
    .filter((value) => !/\\u0000|\\ud/.test(JSON.stringify(value))) as fc.Arbitrary<Json>,
);
const event = fc
  .record({
    model: fc.constantFrom(...MODELS),
    segments: fc.array(segment, { maxLength: 3 }),
    rawUsage,
    convention: fc.constantFrom('openai.chat: cached is a subset', 'said "so", 100 % %1$s', 'äö'),
    region: fc.constantFrom(null, null, 'us', 'eu'),
    speed: fc.constantFrom(null, 'standard' as const, 'fast' as const),
    reported: fc.option(fc.constantFrom('0.5', '0.000000000001', '12'), { nil: null, freq: 3 }),
    billed: fc.constantFrom(undefined, false),
    status: fc.constantFrom('ok' as const, 'error' as const),
  })
  .map(
    ({ model: [provider, model], reported, billed, ...rest }): UsageEvent => ({
      ...testEvent({ provider, model }),
      ...rest,
      ...(billed === undefined ? {} : { billed }),
      reportedCost: reported === null ? null : { usd: reported, field: 'usage.cost' },
    }),
  );

const READ = `select usage_of(e) as usage, charge_of(e)::text as charge, raw_usage_of(e) as raw, price_version_of(e) as version,
  e.usage is null and e.charge is null as compact from usage_events e where id = $1`;

interface Stored {
  readonly usage: object;
  readonly charge: string;
  readonly raw: Json;
  readonly version: string;
  readonly compact: boolean;
}

async function readStored(id: string): Promise<Stored | undefined> {
  const { rows } = await store.database.asOperator((tx) => tx.query(READ, [id]));
  return rows[0] as Stored | undefined;
}

/** As JSON text would print it. */
const printed = (value: unknown): unknown => JSON.parse(JSON.stringify(value));

test('an explanation read back is the one that was stored, to the letter, whatever the call', async () => {
  const { recorder, spoolDirectory } = await testRecorder(store.database);
  let compact = 0;
  try {
    await fc.assert(
      fc.asyncProperty(fc.array(event, { minLength: 8, maxLength: 24 }), async (events) => {
        const outcomes = await recorder.record(events);
        for (const [index, one] of events.entries()) {
          const stored = await readStored(one.id);
          expect(outcomes[index]?.status).toBe('accepted');
          const { charge } = rateEvent(one, installedBook(book), USUAL_TERMS);
          expect(stored?.usage).toEqual(printed(usageDocument(one)));
          expect(JSON.stringify(JSON.parse(stored?.charge ?? ''))).toBe(chargeJson(charge.lines));
          expect(stored?.raw).toEqual(printed(one.rawUsage));
          expect(stored?.version).toBe(charge.bookVersion);
          if (stored?.compact === true) compact += 1;
        }
      }),
      { numRuns: 25 },
    );
    expect(compact).toBeGreaterThan(20);
  } finally {
    await recorder.drain();
    await removeFolder(spoolDirectory);
  }
});

describe('what a caller wrote', () => {
  test('stands in no pattern: they are kept for good and belong to everybody', async () => {
    const { recorder, spoolDirectory } = await testRecorder(store.database);
    await recorder.record([
      { ...testEvent(), rawUsage: { prompt_tokens: 3, 'Jane Doe': 1 } },
      { ...testEvent(), rawUsage: { prompt_tokens: 3, service_tier: 'Jane Doe' } },
    ]);
    await recorder.drain();
    await removeFolder(spoolDirectory);
    const { rows } = await store.database.asOperator((tx) =>
      tx.query(`select 1 from explanation_patterns where body like '%Jane%'`),
    );
    expect(rows).toEqual([]);
  });
});

test('events of one kind share their patterns and keep no document of their own', async () => {
  const { recorder, spoolDirectory } = await testRecorder(store.database);
  const events = Array.from({ length: 50 }, (_, n) =>
    testEvent({ input: 1_000 + n, cached: 10 + n, output: 200 + n, attribution: { session: 'shared' } }),
  );
  await recorder.record(events);
  await recorder.drain();
  await removeFolder(spoolDirectory);
  const { rows } = await store.database.asOperator((tx) =>
    tx.query(`select count(distinct usage_pattern)::int as usages, count(distinct charge_pattern)::int as charges,
                     count(coalesce(usage, charge, raw_usage, to_jsonb(price_version)))::int as documents,
                     count(coalesce(usage_numbers, charge_numbers))::int as numbers
                from usage_events where session = 'shared'`),
  );
  expect(rows).toEqual([{ usages: 1, charges: 1, documents: 0, numbers: 0 }]);
});
