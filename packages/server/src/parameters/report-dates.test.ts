import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MAX_REPORT_DAYS, reportDateInput, reportDays } from './report-dates.ts';

const NOW = Date.parse('2026-11-22T13:07:33Z');
const hours = ({ from, to }: { readonly from: number; readonly to: number }) => (to - from) / 3_600_000;

describe('reportDays', () => {
  it('covers the thirty days before today, and today, in the zone', () => {
    expect(reportDays({}, 'Europe/Berlin', NOW)).toEqual({
      from: Date.parse('2026-10-22T22:00:00Z'),
      to: Date.parse('2026-11-22T23:00:00Z'),
      firstDay: '2026-10-23',
      lastDay: '2026-11-22',
    });
    expect(reportDays({}, 'Pacific/Auckland', NOW).lastDay).toBe('2026-11-23');
    expect(reportDays({ end: '2026-03-31' }, 'UTC', NOW).firstDay).toBe('2026-03-01');
  });

  it('takes whole days, of 23 and 25 hours too', () => {
    const day = (date: string) => hours(reportDays({ start: date, end: date }, 'Europe/Berlin', NOW));
    expect([day('2026-03-29'), day('2026-06-01'), day('2026-10-25')]).toEqual([23, 24, 25]);
    // The zone's clock jumps at midnight: the day begins at one.
    expect(hours(reportDays({ start: '2026-09-06', end: '2026-09-06' }, 'America/Santiago', NOW))).toBe(23);
  });

  it('gives a date, a local time and an instant of one day the same day', () => {
    const zones = fc.constantFrom(
      'UTC',
      'Asia/Kathmandu',
      'America/St_Johns',
      'Pacific/Apia',
      'Europe/London',
    );
    const time = fc.integer({
      min: Date.parse('2001-01-01T00:00:00Z'),
      max: Date.parse('2090-01-01T00:00:00Z'),
    });
    fc.assert(
      fc.property(zones, time, (zone, at) => {
        const local = new Date(at).toISOString().slice(0, 19);
        const date = local.slice(0, 10);
        const days = (start: string, end: string) =>
          reportDays({ start: reportDateInput.parse(start), end: reportDateInput.parse(end) }, zone, NOW);
        const whole = days(date, date);
        expect(days(local, local)).toEqual(whole);
        expect(whole.firstDay).toBe(date);
        expect(days(new Date(whole.from).toISOString(), new Date(whole.to - 1).toISOString())).toEqual(whole);
      }),
    );
  });

  it('refuses an end before the beginning and more than five years', () => {
    expect(() => reportDays({ start: '2026-11-22', end: '2026-11-21' }, 'UTC', NOW)).toThrow(/end_date/);
    expect(() => reportDays({ start: '2020-01-01' }, 'UTC', NOW)).toThrow(String(MAX_REPORT_DAYS));
    for (const text of ['', 'today', '2026-13-01', '2026-02-30', '2026-11-22T25:00:00Z', '1999-01-01'])
      expect(reportDateInput.safeParse(text).success).toBe(false);
  });
});
