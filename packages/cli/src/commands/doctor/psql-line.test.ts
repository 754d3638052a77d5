import { expect, test } from 'vitest';
import { psqlLine, reportingPsqlLine } from './psql-line.ts';

test('the password stands in the line only when asked for', () => {
  const url = 'postgres://farthing:s3cret@localhost/farthing?host=%2Fdata&port=5432';
  expect(psqlLine(url, false)).toContain(
    "psql 'postgres://farthing@localhost/farthing?host=%2Fdata&port=5432'",
  );
  expect(psqlLine(url, false)).not.toContain('s3cret');
  expect(psqlLine(url, true)).toBe(`psql '${url}'`);
});

test("a reporting login's line has its own name and password in the place of the owner's", () => {
  const url = 'postgres://farthing:s3cret@localhost/farthing?host=%2Fdata&port=5432';
  expect(reportingPsqlLine(url, 'grafana', 'pw')).toBe(
    "psql 'postgres://grafana:pw@localhost/farthing?host=%2Fdata&port=5432'",
  );
  expect(reportingPsqlLine(url, 'grafana')).toBe(
    "psql 'postgres://grafana@localhost/farthing?host=%2Fdata&port=5432'",
  );
});
