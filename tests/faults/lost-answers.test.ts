import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import type { Database } from '../../packages/server/src/db/database.ts';
import { testEvent } from '../ledger/events.ts';
import { brokenInvariants } from '../ledger/invariants.ts';
import { removeFolder, testRecorder } from '../ledger/recorders.ts';
import { createTestDatabase, type TestDatabase } from '../postgres/test-database.ts';

let store: TestDatabase;
beforeAll(async () => {
  store = await createTestDatabase();
});
afterAll(() => store.drop());

/** COMMITs succeed, and the answers of so many of them are lost. */
function losing(answers: number): Database {
  let left = answers;
  return {
    ...store.database,
    async asWriter(work, bounds) {
      const result = await store.database.asWriter(work, bounds);
      if (left === 0) return result;
      left -= 1;
      throw new Error('Connection terminated unexpectedly');
    },
  };
}

test.each([1, 2, 3, 5])(
  '%d lost answers in a row: every call is answered, also those that waited, and each event is there once',
  async (answers) => {
    const { recorder, spoolDirectory } = await testRecorder(losing(answers));
    onTestFinished(() => removeFolder(spoolDirectory));
    const events = Array.from({ length: 6 }, () => testEvent());
    // The first is under way when the others come: they wait for its transaction, and no event comes after them.
    const first = recorder.record(events.slice(0, 1));
    await new Promise((resolve) => setImmediate(resolve));
    const others = events.slice(1).map((event) => recorder.record([event]));
    const statuses = (await Promise.all([first, ...others])).flat().map(({ status }) => status);
    expect(statuses.filter((status) => !['accepted', 'duplicate', 'queued'].includes(status))).toEqual([]);
    await recorder.replayed();
    const { rows } = await store.database.asOperator((tx) =>
      tx.query('select id from usage_events where id = any($1)', [events.map(({ id }) => id)]),
    );
    expect(rows).toHaveLength(events.length);
    expect(await brokenInvariants(store.database)).toEqual([]);
    await recorder.drain();
  },
);
