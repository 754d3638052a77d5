import { usageEventInput } from '@farthing/contract';
import { DAY_MS } from '@farthing/server';
import { expect, it } from 'vitest';
import { SPIKE } from './cast.ts';
import { syntheticDay } from './day.ts';

const today = Date.UTC(2026, 10, 19); // a Thursday

it('makes the same events for the same day', () =>
  expect(syntheticDay(today, today)).toEqual(syntheticDay(today, today)));

it('keeps an event as it is when it is made again on a later day', () => {
  const later = new Map(syntheticDay(today, today + DAY_MS).map((event) => [event.id, event]));
  const both = syntheticDay(today, today).filter((event) => later.has(event.id));
  expect(both.length).toBeGreaterThan(100);
  for (const event of both) expect(later.get(event.id)).toEqual(event);
});

it('makes only events that the API takes, all of them labelled', () => {
  for (const event of syntheticDay(today, today)) {
    expect(usageEventInput.safeParse(event).success).toBe(true);
    expect(event.tags).toEqual({ synthetic: 'true' });
    expect(event.tenant).toMatch(/^demo-/);
  }
});

it('has a weekly rhythm and one spike', () => {
  const calls = (daysAgo: number) => syntheticDay(today - daysAgo * DAY_MS, today).length;
  expect(calls(4)).toBeLessThan(calls(1) / 2);
  expect(calls(SPIKE.daysAgo) - calls(SPIKE.daysAgo + 7)).toBeGreaterThan(SPIKE.calls / 2);
});
