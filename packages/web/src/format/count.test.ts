import { expect, it } from 'vitest';
import { formatChange, formatCount, formatLatency, formatPercent } from './count.ts';

it.each([
  [0, '0'],
  [812, '812'],
  [9812, '9,812'],
  [12_400, '12.4k'],
  [1_240_000, '1.24M'],
  [2_345_000_000, '2.35B'],
])('shortens the count %s to %s', (count, text) => expect(formatCount(count)).toBe(text));

it('says that a tiny share is there', () => expect(formatPercent(0.01)).toBe('<0.1 %'));
it('gives an unchanged figure no direction', () => expect(formatChange(-0.01)).toBe('±0.0 %'));
it('signs a change', () => expect([formatChange(12.44), formatChange(-3)]).toEqual(['+12.4 %', '−3.0 %']));
it('switches from ms to s at a second', () =>
  expect([formatLatency(999.4), formatLatency(1000)]).toEqual(['999 ms', '1.0 s']));
