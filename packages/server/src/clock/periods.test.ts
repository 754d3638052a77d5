import fc from 'fast-check';
import { expect, test } from 'vitest';
import { dayOf } from './days.ts';
import { PERIOD_KINDS, type PeriodKind, periodOf, rollingWindow } from './periods.ts';

const ZONES = [
  'UTC',
  'Africa/Cairo',
  'Africa/Casablanca',
  'America/Asuncion',
  'America/Havana',
  'America/New_York',
  'America/Santiago',
  'America/Sao_Paulo',
  'America/St_Johns',
  'Antarctica/Troll',
  'Asia/Beirut',
  'Asia/Kathmandu',
  'Asia/Kolkata',
  'Asia/Pyongyang',
  'Asia/Tehran',
  'Australia/Lord_Howe',
  'Europe/Berlin',
  'Europe/London',
  'Pacific/Apia',
  'Pacific/Chatham',
];
const CUT = PERIOD_KINDS.filter((kind) => kind !== 'total');

const instant = fc.integer({ min: Date.UTC(2012, 0, 1), max: Date.UTC(2040, 0, 1) });
/** Near to where clocks change: spring and autumn of both hemispheres, around midnight and small hours. */
const nearChange = fc
  .record({
    year: fc.integer({ min: 2012, max: 2039 }),
    month: fc.constantFrom(1, 2, 3, 4, 5, 7, 8, 9, 10),
    day: fc.integer({ min: 1, max: 31 }),
    quarter: fc.integer({ min: -16, max: 110 }),
    beside: fc.constantFrom(-1, 0, 0, 1, 431_234),
  })
  .map(({ year, month, day, quarter, beside }) => Date.UTC(year, month, day) + quarter * 900_000 + beside);
const asked = fc.record({
  kind: fc.constantFrom<PeriodKind>(...CUT),
  at: fc.oneof(instant, nearChange),
  zone: fc.constantFrom(...ZONES),
  anchor: fc.integer({ min: 1, max: 31 }),
});

test('every instant lies in its period, and so does every other instant of that period, in twenty zones', () => {
  fc.assert(
    fc.property(asked, fc.double({ min: 0, max: 1, noNaN: true }), ({ kind, at, zone, anchor }, share) => {
      const period = periodOf(kind, at, zone, anchor);
      expect(period.from).toBeLessThanOrEqual(at);
      expect(at).toBeLessThan(period.to);
      const inside = Math.min(period.from + Math.floor((period.to - period.from) * share), period.to - 1);
      for (const other of [period.from, inside, period.to - 1]) {
        expect(periodOf(kind, other, zone, anchor)).toEqual(period);
      }
    }),
    { numRuns: 3_000 },
  );
});

test('one period begins where the one before it ends', () => {
  fc.assert(
    fc.property(asked, ({ kind, at, zone, anchor }) => {
      const period = periodOf(kind, at, zone, anchor);
      expect(periodOf(kind, period.to, zone, anchor).from).toBe(period.to);
      expect(periodOf(kind, period.from - 1, zone, anchor).to).toBe(period.from);
    }),
    { numRuns: 1_500 },
  );
});

test('months and quarters begin on their anchor day, in shorter months on the last', () => {
  const days = (kind: PeriodKind, day: string, anchor: number) => {
    const { from, to } = periodOf(kind, Date.parse(`${day}T12:00:00Z`), 'Asia/Kathmandu', anchor);
    return [dayOf(from, 'Asia/Kathmandu'), dayOf(to, 'Asia/Kathmandu')];
  };
  expect(days('month', '2026-03-05', 31)).toEqual(['2026-02-28', '2026-03-31']);
  expect(days('month', '2028-02-29', 31)).toEqual(['2028-02-29', '2028-03-31']);
  expect(days('month', '2026-11-14', 15)).toEqual(['2026-10-15', '2026-11-15']);
  expect(days('quarter', '2026-04-29', 31)).toEqual(['2026-01-31', '2026-04-30']);
  expect(days('quarter', '2026-01-01', 15)).toEqual(['2025-10-15', '2026-01-15']);
  expect(days('week', '2026-11-22', 9)).toEqual(['2026-11-16', '2026-11-23']);
});

test('a day of the month that no month has is refused', () => {
  for (const anchor of [0, 32, 1.5, Number.NaN]) {
    expect(() => periodOf('month', 0, 'UTC', anchor)).toThrow(RangeError);
  }
});

test('a rolling window has its length and holds the instant it ends with', () => {
  expect(rollingWindow(1_000, 5_000)).toEqual({ from: 4_001, to: 5_001 });
});
