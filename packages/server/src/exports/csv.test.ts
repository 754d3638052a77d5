import { parse } from 'csv-parse/sync';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { csvCell } from './csv.ts';

test.each([
  ['=1+1', "'=1+1"],
  ['+49 30', "'+49 30"],
  ['-1+2', "'-1+2"],
  ['@SUM(A1)', "'@SUM(A1)"],
  ['\t=1', '"\'\t=1"'],
  ['\r=1', '"\'\r=1"'],
  [' =1', "' =1"],
  ['＝1', "'＝1"],
  ["'=1", "''=1"],
  ["it's", "it's"],
  ['a=b', 'a=b'],
  ['say "hi"', '"say ""hi"""'],
  ['a,b', '"a,b"'],
])('no text is a formula: %j becomes %j', (text, cell) => {
  expect(csvCell(text, 'text', 'safe')).toBe(cell);
});

test('negative numbers stay numbers', () => {
  expect(csvCell('-0.0000004', 'amount', 'safe')).toBe('-0.0000004');
  expect(csvCell('-3', 'count', 'safe')).toBe('-3');
});

test('nothing and an empty text are told apart', () => {
  expect([csvCell(null, 'text', 'safe'), csvCell('', 'text', 'safe')]).toEqual(['', '""']);
});

test('every text is read back by another reader, and by taking one apostrophe off where it is safe', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', minLength: 1 }), fc.string(), (a, b) => {
      const line = (form: 'safe' | 'exact') =>
        `x,${csvCell(a, 'text', form)},${csvCell(b, 'text', form)}\r\n`;
      const read = (form: 'safe' | 'exact') => parse(line(form), { relax_column_count: true })[0] as string[];
      expect(read('exact')).toEqual(['x', a, b]);
      const [, safe = ''] = read('safe');
      expect(safe === a || safe === `'${a}`).toBe(true);
      expect(safe).not.toMatch(/^[=+\-@\t\r]/);
    }),
  );
});
