/** Recorders on a database that fails at marked events, in time that a test can spare. */
import { onTestFinished } from 'vitest';
import type { Database } from '../../packages/server/src/db/database.ts';
import type { UsageEvent } from '../../packages/server/src/ledger/usage-event.ts';
import { openSpool } from '../../packages/server/src/record/spool/spool.ts';
import { testEvent } from '../ledger/events.ts';
import { removeFolder, type TestRecorder, temporaryFolder, testRecorder } from '../ledger/recorders.ts';
import { createTestDatabase, type TestDatabase } from '../postgres/test-database.ts';
import { failAtMarkedEvents, MARKS, type Mark } from './marked-events.ts';

/** Short, so that the tests are. It only has to be distinguished from a database that is away. */
const LIMITS = { statementMs: 400 };

/** A database with the tenants `acme` and `globex` that fails at marked events. */
export async function poisonedDatabase(): Promise<TestDatabase> {
  const store = await createTestDatabase();
  await failAtMarkedEvents(store.database);
  await store.database.asOperator((tx) =>
    tx.query("insert into tenants (id, name) values ('acme', 'Acme'), ('globex', 'Globex')"),
  );
  return store;
}

export const some = (count: number, given: Parameters<typeof testEvent>[0] = {}): UsageEvent[] =>
  Array.from({ length: count }, () => testEvent(given));

/** An event of `acme` at which the database fails. */
export const marked = (mark: Mark): UsageEvent => testEvent({ tenant: 'acme', model: MARKS[mark] });

/** A recorder for the length of a test. */
export async function openRecorder(db: Database, spoolDirectory?: string): Promise<TestRecorder> {
  const folder = spoolDirectory ?? (await temporaryFolder());
  const opened = await testRecorder(db, { spoolDirectory: folder, limits: LIMITS });
  onTestFinished(async () => {
    await opened.recorder.drain();
    await removeFolder(folder);
  });
  return opened;
}

/** A spool as an earlier run left it. */
export async function spoolOf(events: readonly UsageEvent[]): Promise<string> {
  const directory = await temporaryFolder();
  const spool = await openSpool(directory, { spoolBytes: 1e9, segmentBytes: 8e6 });
  await spool.append(events);
  await spool.close();
  return directory;
}
