import { expect, test } from 'vitest';
import { CLEAN } from './audit.ts';
import { killPostgres } from './kill-postgres.ts';

test('kill -9 of its Postgres at random moments under load loses, doubles and invents nothing', async () => {
  const { found, refusals, sent } = await killPostgres(5);
  expect(refusals).toEqual([]);
  expect(found).toMatchObject(CLEAN);
  expect(found.acknowledged).toBe(sent);
}, 240_000);
