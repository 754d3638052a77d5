import { expect, test } from 'vitest';
import { psqlLine } from './psql-line.ts';

test('the password stands in the line only when asked for', () => {
  const url = 'postgres://farthing:s3cret@localhost/farthing?host=%2Fdata&port=5432';
  expect(psqlLine(url, false)).toContain(
    "psql 'postgres://farthing@localhost/farthing?host=%2Fdata&port=5432'",
  );
  expect(psqlLine(url, false)).not.toContain('s3cret');
  expect(psqlLine(url, true)).toBe(`psql '${url}'`);
});
