import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { atMostEvery } from './wake-ups.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test('a call is made at once, a flood becomes one more at the end of each interval, and nothing is left out', () => {
  const call = vi.fn();
  const woken = atMostEvery(100, call);
  woken.ask();
  expect(call).toHaveBeenCalledTimes(1);
  for (let n = 0; n < 10_000; n++) {
    woken.ask();
    if (n % 100 === 0) vi.advanceTimersByTime(1);
  }
  vi.advanceTimersByTime(100);
  expect(call).toHaveBeenCalledTimes(3);
  vi.advanceTimersByTime(1_000);
  expect(call).toHaveBeenCalledTimes(3);
  woken.ask();
  expect(call).toHaveBeenCalledTimes(4);
});

test('once it is stopped nothing is called any more', () => {
  const call = vi.fn();
  const woken = atMostEvery(100, call);
  woken.ask();
  woken.ask();
  woken.stop();
  vi.advanceTimersByTime(1_000);
  expect(call).toHaveBeenCalledTimes(1);
});
