import { expect, test } from 'vitest';
import { BatchSize } from './batch-size.ts';

test('a slow database gets small transactions, a fast one large ones again, within bounds', () => {
  const size = new BatchSize(5_000);
  for (let n = 0; n < 20; n += 1) size.took(size.events, 900);
  expect(size.events).toBe(128);
  for (let n = 0; n < 20; n += 1) size.took(size.events, 10);
  expect(size.events).toBe(5_000);
});

test('a transaction of few events says nothing of many', () => {
  const size = new BatchSize(5_000);
  const before = size.events;
  size.took(3, 1);
  expect(size.events).toBe(before);
});

test('a bound below the usual least holds', () => {
  const size = new BatchSize(50);
  size.took(50, 10_000);
  expect(size.events).toBe(50);
});
