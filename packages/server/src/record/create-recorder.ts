/** Opens the recorder with its spool. */
import { LedgerRecorder } from './ledger-recorder.ts';
import { DEFAULT_LIMITS, type RecorderLimits } from './limits.ts';
import type { Recorder, RecorderOptions } from './recorder.ts';
import { openSpool } from './spool/spool.ts';

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
