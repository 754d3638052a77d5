/** Recorders for tests: a spool of their own, a log that remembers. */
import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { book } from '@farthing/pricing/book';
import type { Database } from '../../packages/server/src/db/database.ts';
import type { RecordOutcome, UsageEvent } from '../../packages/server/src/ledger/usage-event.ts';
import { installedBook } from '../../packages/server/src/price-book/installed-book.ts';
import { createRecorder } from '../../packages/server/src/record/create-recorder.ts';
import type { RecorderLimits } from '../../packages/server/src/record/limits.ts';
import type { ChargingTerms } from '../../packages/server/src/record/rate-event.ts';
import type { Recorder } from '../../packages/server/src/record/recorder.ts';

export interface TestRecorder {
  readonly recorder: Recorder;
  readonly spoolDirectory: string;
  readonly recorded: { readonly event: UsageEvent; readonly outcome: RecordOutcome }[];
  readonly failed: { readonly [key: string]: unknown }[];
}

export async function temporaryFolder(): Promise<string> {
  return mkdtemp(path.join(os.tmpdir(), 'farthing-spool-'));
}

/** Opens a recorder on `db`; `spoolDirectory` continues an earlier one's. */
export async function testRecorder(
  db: Database,
  options: {
    readonly spoolDirectory?: string;
    readonly limits?: Partial<RecorderLimits>;
    readonly terms?: ChargingTerms;
  } = {},
): Promise<TestRecorder> {
  const spoolDirectory = options.spoolDirectory ?? (await temporaryFolder());
  const recorded: TestRecorder['recorded'] = [];
  const failed: { readonly [key: string]: unknown }[] = [];
  const recorder = await createRecorder({
    db,
    books: installedBook(book),
    spoolDirectory,
    ...(options.limits === undefined ? {} : { limits: options.limits }),
    ...(options.terms === undefined ? {} : { terms: options.terms }),
    log: {
      recorded: (event, outcome) => recorded.push({ event, outcome }),
      failed: (_message, details) => failed.push(details),
      notice: () => undefined,
    },
  });
  return { recorder, spoolDirectory, recorded, failed };
}

export async function removeFolder(folder: string): Promise<void> {
  await rm(folder, { recursive: true, force: true });
}

/** A database that can be sent away: while `away`, every transaction fails as if the server were gone. */
export function interruptible(db: Database): Database & { away: boolean } {
  const guard =
    <Arguments extends unknown[], Result>(call: (...given: Arguments) => Promise<Result>) =>
    (...given: Arguments): Promise<Result> =>
      gate.away
        ? Promise.reject(Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' }))
        : call(...given);
  const gate = {
    ...db,
    away: false,
    asWriter: <Result>(work: Parameters<typeof db.asWriter<Result>>[0]) => guard(() => db.asWriter(work))(),
    asOwner: <Result>(work: Parameters<typeof db.asOwner<Result>>[0]) => guard(() => db.asOwner(work))(),
  };
  return gate;
}
