import { describe, expect, it } from 'vitest';
import { bucketSpans, startOf, startOfNext } from './buckets.ts';
import { comparisonShift } from './comparison.ts';

const at = (text: string): number => Date.parse(text);
const hours = (span: { readonly start: number; readonly end: number }) => (span.end - span.start) / 3_600_000;

describe('bucketSpans', () => {
  it('makes the days of a clock change 23 and 25 hours long', () => {
    const spring = bucketSpans(at('2026-03-28T23:00Z'), at('2026-03-29T22:00Z'), 'Europe/Berlin', 'day');
    expect(spring.map((span) => [span.label, hours(span)])).toEqual([['2026-03-29', 23]]);
    const autumn = bucketSpans(at('2026-10-24T22:00Z'), at('2026-10-25T23:00Z'), 'Europe/Berlin', 'day');
    expect(autumn.map((span) => [span.label, hours(span)])).toEqual([['2026-10-25', 25]]);
  });

  it('begins the days of +05:45 and +05:30 a quarter and a half before the hour', () => {
    expect(startOf('day', at('2026-11-22T10:00Z'), 'Asia/Kathmandu')).toBe(at('2026-11-21T18:15Z'));
    expect(startOf('day', at('2026-11-22T10:00Z'), 'Asia/Kolkata')).toBe(at('2026-11-21T18:30Z'));
  });

  it('begins weeks on Monday, names them by ISO 8601, and cuts the outer buckets to the range', () => {
    const weeks = bucketSpans(at('2026-12-30T06:00Z'), at('2027-01-05T00:00Z'), 'UTC', 'week');
    expect(weeks.map((span) => span.label)).toEqual(['2026-W53', '2027-W01']);
    expect(weeks[0]?.start).toBe(at('2026-12-30T06:00Z'));
    expect(weeks[1]?.wholeEnd).toBe(at('2027-01-11T00:00Z'));
  });

  it('covers the range without gap or overlap where a day was skipped and where hours repeat', () => {
    for (const [zone, from, to] of [
      ['Pacific/Apia', '2011-12-28T00:00Z', '2012-01-02T00:00Z'],
      ['Australia/Lord_Howe', '2026-04-04T00:00Z', '2026-04-06T00:00Z'],
      ['America/Sao_Paulo', '2018-11-02T00:00Z', '2018-11-06T00:00Z'],
    ] as const) {
      for (const bucket of ['hour', 'day'] as const) {
        const spans = bucketSpans(at(from), at(to), zone, bucket);
        expect(spans[0]?.start).toBe(at(from));
        expect(spans.at(-1)?.end).toBe(at(to));
        for (const [index, span] of spans.slice(1).entries()) expect(span.start).toBe(spans[index]?.end);
        expect(spans.every((span) => span.end > span.start)).toBe(true);
      }
    }
  });
});

describe('comparisonShift', () => {
  it('compares a month so far with the same days of the month before, a missing day with its end', () => {
    const shift = comparisonShift('previous_month', at('2026-03-01T00:00Z'), at('2026-03-31T12:00Z'), 'UTC');
    expect(shift(at('2026-03-01T00:00Z'))).toBe(at('2026-02-01T00:00Z'));
    expect(shift(at('2026-03-22T12:00Z'))).toBe(at('2026-02-22T12:00Z'));
    expect(shift(at('2026-03-31T12:00Z'))).toBe(at('2026-03-01T00:00Z'));
  });

  it('shifts whole days by the calendar across a clock change, and other lengths by their length', () => {
    const [from, to] = [at('2026-10-25T23:00Z'), at('2026-10-27T23:00Z')]; // two days in Berlin, winter
    const days = comparisonShift('previous_period', from, to, 'Europe/Berlin');
    expect([days(from), days(to)]).toEqual([at('2026-10-23T22:00Z'), from]);
    const odd = comparisonShift('previous_period', 10_000, 17_000, 'UTC');
    expect([odd(10_000), odd(17_000)]).toEqual([3_000, 10_000]);
  });

  it('compares today until now with yesterday until the same time', () => {
    const shift = comparisonShift('previous_day', 0, 0, 'Europe/Berlin');
    expect(shift(at('2026-10-25T13:00Z'))).toBe(at('2026-10-24T12:00Z'));
  });
});

describe('startOfNext', () => {
  it('moves on in the half-hour clock change of Lord Howe', () => {
    let time = at('2026-04-04T13:00Z');
    for (let step = 0; step < 10; step++) {
      const next = startOfNext('hour', time, 'Australia/Lord_Howe');
      expect(next).toBeGreaterThan(time);
      time = next;
    }
  });
});
