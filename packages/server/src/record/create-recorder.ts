/** The recorder: the only way an event gets into the ledger. See README.md for what it guarantees. */
import { LedgerRecorder } from './ledger-recorder.ts';
import type { Recorder, RecorderLimits, RecorderOptions } from './recorder.ts';
import { openSpool } from './spool/spool.ts';

export type * from './recorder.ts';

/** What one process keeps in memory and on disk unless told otherwise. */
export const DEFAULT_LIMITS: RecorderLimits = {
  queueBytes: 64 * 1024 * 1024,
  batchEvents: 5_000,
  batchBytes: 8 * 1024 * 1024,
  statementMs: 5_000,
  lanes: 2,
  spoolBytes: 1024 * 1024 * 1024,
  segmentBytes: 8 * 1024 * 1024,
};

/** Opens the recorder and begins to replay what earlier runs left in the spool. */
export async function createRecorder(options: RecorderOptions): Promise<Recorder> {
  const limits: RecorderLimits = { ...DEFAULT_LIMITS, ...options.limits };
  const { log, now, files } = options;
  const spool = await openSpool(options.spoolDirectory, limits, {
    onNotice: (message, details) => log.notice(message, details),
    ...(now === undefined ? {} : { now }),
    ...(files === undefined ? {} : { files }),
  });
  return new LedgerRecorder(options, limits, spool);
}
