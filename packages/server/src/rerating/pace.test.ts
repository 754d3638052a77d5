import { expect, test } from 'vitest';
import { Pace } from './pace.ts';

/** Gives the next batch up until a single event is left. */
function downToOne(pace: Pace): void {
  while (pace.next().events > 1) pace.tooLong();
}

/** How often a single event is given up before one is done without bounds. */
function triesAlone(pace: Pace): number {
  let tries = 0;
  while (pace.next().bounds !== null) {
    pace.tooLong();
    tries += 1;
  }
  return tries;
}

test('a batch that was given up is tried again with half the events, down to a single one', () => {
  const pace = new Pace(250);
  const sizes = Array.from({ length: 7 }, () => {
    const { events } = pace.next();
    pace.tooLong();
    return events;
  });
  expect(sizes).toEqual([50, 25, 12, 6, 3, 1, 1]);
});

test('batches grow to the most that is allowed while rows are locked shortly, and shrink at once where they are not', () => {
  const pace = new Pace(100);
  for (let batch = 0; batch < 20; batch += 1) pace.fit(pace.next(), 10);
  expect(pace.next().events).toBe(100);
  pace.fit(pace.next(), 120);
  expect(pace.next().events).toBe(33);
});

test('a single event that is too much for its bounds thirty times is done without, which is said once', () => {
  const pace = new Pace(250);
  downToOne(pace);
  const said = Array.from({ length: 30 }, () => pace.tooLong());
  expect(said.map(({ unbound }) => unbound)).toEqual([...Array(29).fill(false), true]);
  expect(said.every(({ single }) => single)).toBe(true);
  expect(pace.next()).toEqual({ events: 8, bounds: null });
});

test('a machine that needed that is given less patience the next time, and never none', () => {
  const pace = new Pace(250);
  downToOne(pace);
  const tries = Array.from({ length: 6 }, () => {
    const count = triesAlone(pace);
    pace.passed(pace.next());
    return count;
  });
  expect(tries).toEqual([30, 15, 7, 3, 2, 2]);
});

test('a new run begins with the size that suited the last one, and with its bounds', () => {
  const pace = new Pace(250);
  downToOne(pace);
  triesAlone(pace);
  pace.begin();
  expect(pace.next()).toMatchObject({ events: 1, bounds: { budgetMs: 120 } });
});
