import { expect, test } from 'vitest';
import { BatchSize } from './batch-size.ts';

test('one tenant alone gets large transactions, however long they take', () => {
  const size = new BatchSize(5_000);
  for (let n = 0; n < 20; n += 1) size.took(size.events, 900);
  expect(size.events).toBe(5_000);
});

test('several tenants get small ones of a slow database, large ones again of a fast one, within bounds', () => {
  const size = new BatchSize(5_000);
  size.shared();
  for (let n = 0; n < 20; n += 1) size.took(size.events, 900);
  expect(size.events).toBe(256);
  for (let n = 0; n < 20; n += 1) size.took(size.events, 10);
  expect(size.events).toBe(5_000);
});

test('a transaction of few events says nothing of many', () => {
  const size = new BatchSize(5_000);
  size.shared();
  const before = size.events;
  size.took(3, 1);
  expect(size.events).toBe(before);
});

test('a bound below the usual least holds', () => {
  const size = new BatchSize(50);
  size.shared();
  size.took(50, 10_000);
  expect(size.events).toBe(50);
});
