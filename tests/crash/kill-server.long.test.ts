import { expect, test } from 'vitest';
import { CLEAN } from './audit.ts';
import { killServer } from './kill-server.ts';

test('kill -9 of the server at 25 random moments under load loses, doubles and invents nothing', async () => {
  const { found, refusals, sent } = await killServer(25);
  expect(refusals).toEqual([]);
  expect(found).toMatchObject(CLEAN);
  expect(found.acknowledged).toBe(sent);
});
