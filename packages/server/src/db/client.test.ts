import { expect, test } from 'vitest';
import { withClient } from './client.ts';

test('a database that cannot be reached is named with what to do, without its password', async () => {
  const attempt = withClient('postgres://ledger:hunter2@127.0.0.1:1/spend', 'test', async () => undefined);
  const { message } = await attempt.then(
    () => new Error('connected'),
    (error: Error) => error,
  );
  expect(message).toContain('127.0.0.1:1, database spend, as ledger');
  expect(message).toContain('DATABASE_URL');
  expect(message).not.toContain('hunter2');
});
