import fc from 'fast-check';
import { expect, test } from 'vitest';
import { DAY_MS, QUARTER_HOUR_MS } from './lengths.ts';
import { hasAgreed, learnOffsets, localDay, markAgreed, midnight, offsetAt } from './zone-clock.ts';

const ZONES = ['America/St_Johns', 'Asia/Kathmandu', 'Australia/Lord_Howe', 'Europe/Berlin', 'Pacific/Apia'];

test('the day of an instant is the one that the platform prints, and its midnight begins it', () => {
  const formats = new Map(
    ZONES.map((timeZone) => [timeZone, new Intl.DateTimeFormat('en-CA', { timeZone, dateStyle: 'short' })]),
  );
  const time = fc.integer({ min: Date.UTC(2012, 0, 1), max: Date.UTC(2045, 0, 1) });
  fc.assert(
    fc.property(fc.constantFrom(...ZONES), time, (zone, at) => {
      const day = localDay(at, zone);
      expect(new Date(day * DAY_MS).toISOString().slice(0, 10)).toBe(formats.get(zone)?.format(at));
      expect(localDay(midnight(day, zone), zone)).toBe(day);
      expect(localDay(midnight(day, zone) - 1, zone)).toBe(day - 1);
    }),
    { numRuns: 1_000 },
  );
});

test("the database's word outlives what is remembered of the platform's", () => {
  const zone = 'Antarctica/Davis';
  const at = Date.UTC(2026, 5, 10, 23, 45);
  const own = offsetAt(at, zone);
  learnOffsets(zone, [[at, own + 2 * QUARTER_HOUR_MS]]);
  markAgreed(zone);
  // More days than are remembered.
  for (let day = 0; day < 101_000; day += 1) offsetAt(day * DAY_MS, 'Asia/Kathmandu');
  expect(offsetAt(at, zone)).toBe(own + 2 * QUARTER_HOUR_MS);
  expect(offsetAt(at - QUARTER_HOUR_MS, zone)).toBe(own);
  expect(hasAgreed(zone)).toBe(true);
});

test('past its bound the word is forgotten, and the database is to be asked again', () => {
  const zone = 'Antarctica/Mawson';
  const own = offsetAt(0, zone);
  markAgreed(zone);
  const learn = (from: number, to: number) => {
    for (let day = from; day < to; day += 1) learnOffsets(zone, [[day * DAY_MS, own + QUARTER_HOUR_MS]]);
  };
  learn(0, 5_000);
  expect(offsetAt(0, zone)).toBe(own + QUARTER_HOUR_MS);
  learn(5_000, 11_000);
  expect(offsetAt(0, zone)).toBe(own);
  expect(hasAgreed(zone)).toBe(false);
});
