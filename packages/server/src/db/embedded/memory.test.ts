import { expect, test } from 'vitest';
import { sharedBuffers, usableMemory } from './memory.ts';

const GB = 1024 ** 3;

test('the cache of the database is an eighth of the memory, never less than 128 MB or more than 2 GB', () => {
  expect(sharedBuffers(GB / 2)).toBe('128MB');
  expect(sharedBuffers(4 * GB)).toBe('512MB');
  expect(sharedBuffers(256 * GB)).toBe('2048MB');
  expect(usableMemory()).toBeGreaterThan(0);
  expect(sharedBuffers()).toMatch(/^\d+MB$/);
});
