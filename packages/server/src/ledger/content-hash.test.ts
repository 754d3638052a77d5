import fc from 'fast-check';
import { expect, test } from 'vitest';
import { canonicalJson, contentHash } from './content-hash.ts';

const json = fc
  .jsonValue({ maxDepth: 4, noUnicodeString: false })
  .map((value) => JSON.parse(JSON.stringify(value)));

/** The same content with the keys of every object in another order. */
function turned(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(turned);
  if (typeof value !== 'object' || value === null) return value;
  const members = Object.entries(value).map(([key, member]) => [key, turned(member)] as const);
  return Object.fromEntries(members.reverse());
}

test('the order of keys makes no other content', () => {
  fc.assert(
    fc.property(json, (value) => {
      expect(contentHash(JSON.parse(JSON.stringify(turned(value))))).toBe(contentHash(value));
    }),
    { numRuns: 500 },
  );
});

test('other content has another hash, and its text reads back as what it was', () => {
  fc.assert(
    fc.property(json, json, (one, other) => {
      expect(JSON.parse(canonicalJson(one))).toEqual(one);
      const same = canonicalJson(one) === canonicalJson(other);
      expect(contentHash(one) === contentHash(other)).toBe(same);
      // Equal text is equal content: no two contents share a hash by the way they are printed.
      if (same) expect(one).toEqual(other);
    }),
    { numRuns: 500 },
  );
});
