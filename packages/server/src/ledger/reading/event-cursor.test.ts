import fc from 'fast-check';
import { expect, test } from 'vitest';
import { decodeCursor, encodeCursor } from './event-cursor.ts';

const position = fc.record({
  time: fc
    .tuple(
      fc.date({ min: new Date('2020-01-01'), max: new Date('2099-12-31'), noInvalidDate: true }),
      fc.nat({ max: 999 }),
    )
    .map(([date, micros]) => date.toISOString().replace('Z', `${String(micros).padStart(3, '0')}Z`)),
  id: fc
    .string({ minLength: 1, maxLength: 256, unit: 'grapheme' })
    .filter((id) => id.length <= 256 && !id.includes('\0') && id.isWellFormed()),
  tenant: fc.stringMatching(/^[a-z0-9][a-z0-9_-]{0,62}$/),
});

test('a cursor leads back to the position that made it', () => {
  fc.assert(
    fc.property(position, (given) => {
      expect(decodeCursor(encodeCursor(given))).toEqual(given);
    }),
    {
      numRuns: 1_000,
    },
  );
});

test('a cursor that somebody bent is refused, or is a position like any other; it never throws', () => {
  fc.assert(
    fc.property(position, fc.nat(), fc.string({ maxLength: 5 }), (given, at, put) => {
      const cursor = encodeCursor(given);
      const from = at % (cursor.length + 1);
      const bent = decodeCursor(cursor.slice(0, from) + put + cursor.slice(from + 1));
      if (bent !== null) expect(decodeCursor(encodeCursor(bent))).toEqual(bent);
    }),
    { numRuns: 1_000 },
  );
});
