import { expect, it } from 'vitest';
import { hashKey, isPlausibleKey, keyPrefix, makeKey } from './api-key.ts';

it('makes keys of one form, never the same twice, that pass their own checksum', () => {
  const keys = Array.from({ length: 200 }, makeKey);
  expect(new Set(keys).size).toBe(200);
  for (const key of keys) {
    expect(key).toMatch(/^frt_[0-9A-Za-z]{49}$/);
    expect(isPlausibleKey(key)).toBe(true);
  }
});

it('recognises a mistyped key without asking anyone', () => {
  const key = makeKey();
  for (let at = 4; at < key.length; at++) {
    const other = key[at] === 'x' ? 'y' : 'x';
    expect(isPlausibleKey(key.slice(0, at) + other + key.slice(at + 1))).toBe(false);
  }
});

it('lets keys of other forms through to the look-up', () => {
  expect(isPlausibleKey('any string an operator chose, long enough')).toBe(true);
  expect(isPlausibleKey('')).toBe(false);
});

it('shows a prefix that does not give the key away', () => {
  expect(keyPrefix(makeKey())).toHaveLength(12);
  expect(keyPrefix('correct horse battery staple 123')).toBe('correc…');
  expect(hashKey('a')).toHaveLength(32);
});
