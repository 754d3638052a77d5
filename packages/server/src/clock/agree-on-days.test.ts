import { afterAll, beforeAll, expect, test } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../../../../tests/postgres/test-database.ts';
import { agreeOnDays } from './agree-on-days.ts';
import { dayOf, isDayStart } from './days.ts';
import { DAY_MS } from './lengths.ts';
import { differentDays } from './read-database-clock.ts';
import { learnOffsets, localDay, midnight } from './zone-clock.ts';

let store: TestDatabase;

beforeAll(async () => {
  store = await createTestDatabase();
});
afterAll(() => store.drop());

const NOW = Date.UTC(2026, 10, 22);
/** Governments of the first three have moved their clocks lately; days of the others begin in odd places. */
const ZONES = [
  'Africa/Casablanca',
  'Africa/El_Aaiun',
  'America/Edmonton',
  'America/Havana',
  'America/Santiago',
  'Asia/Beirut',
  'Asia/Kathmandu',
  'Australia/Lord_Howe',
  'Pacific/Chatham',
];

test('every day of the last two years begins when the database says, in zones whose rules have changed as well', async () => {
  await store.database.asOperator(async (tx) => {
    await agreeOnDays(tx, ZONES, NOW);
    for (const zone of ZONES) {
      const today = localDay(NOW, zone);
      const days = Array.from({ length: 800 }, (_, back) => today - back);
      expect(await differentDays(tx, zone, days)).toEqual([]);
      expect(days.filter((day) => localDay(midnight(day, zone), zone) !== day)).toEqual([]);
      expect(days.filter((day) => localDay(midnight(day, zone) - 1, zone) !== day - 1)).toEqual([]);
    }
  });
});

test('a clock that the database knows otherwise decides when days begin, there and nowhere else', () => {
  const zone = 'Antarctica/Vostok';
  const day = Date.UTC(2026, 5, 10) / DAY_MS;
  const own = midnight(day, zone);
  const [before, after] = [midnight(day - 1, zone), midnight(day + 1, zone)];
  // For the database that day's clock is an hour further ahead.
  const ahead = day * DAY_MS - own + 3_600_000;
  const quarters = Array.from({ length: 96 }, (_, index) => own - 3_600_000 + index * 900_000);
  learnOffsets(
    zone,
    quarters.map((at) => [at, ahead] as const),
  );
  expect(midnight(day, zone)).toBe(own - 3_600_000);
  expect(isDayStart(own, zone)).toBe(false);
  expect(dayOf(own - 1, zone)).toBe('2026-06-10');
  expect([midnight(day - 1, zone), midnight(day + 1, zone)]).toEqual([before, after]);
});
