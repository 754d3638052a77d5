/**
 * The journal: makes events durable with one fsync and records them a moment later, many in one transaction. For
 * callers that do not wait for the price. A gateway answer ends when its event is in the journal. Events left there by
 * a crash are recorded at the next start; their ids make recording them twice harmless.
 */
import type { UsageEvent } from '../../ledger/usage-event.ts';
import { OverloadedError } from '../overloaded-error.ts';
import type { Recorder } from '../recorder.ts';
import { openSpool, type SpoolLimits, type SpoolOptions, type SpoolView } from '../spool/spool.ts';
import { SegmentRecording } from './record-segments.ts';

export interface Journal {
  /** Events that are durable and not yet recorded. */
  readonly events: number;
  /**
   * Resolves once the event is durable: on disk, or in the ledger where the disk fails. Rejects when neither takes it, with
   * `OverloadedError` where a later try may help.
   */
  keep(event: UsageEvent): Promise<void>;
  /**
   * Why an event cannot be stored on disk now; null if it can. For callers that spend money before there is an event.
   * The state recovers by itself.
   */
  refusal(): OverloadedError | null;
  /** How its files stand. */
  readonly files: SpoolView;
  /**
   * Records the remaining events and stops; events that cannot be recorded now stay for the next start. Never rejects.
   */
  drain(): Promise<void>;
}

export interface JournalOptions extends SpoolOptions {
  /** Folder of the journal; one process at a time, guarded by the data folder's lock. */
  readonly directory: string;
  readonly limits: SpoolLimits;
  readonly recorder: Pick<Recorder, 'record'>;
  /** Keeps an event that the ledger did not take, with the reason: it was acknowledged, so it is never dropped. */
  readonly quarantine: (event: UsageEvent, reason: string) => Promise<void>;
  /** The ledger or the disk cannot give or take events right now; the journal keeps them and tries again. */
  readonly onDelayed: (error: unknown) => void;
}

/** Opens the journal and begins to record what an earlier process left in it. */
export async function openJournal(options: JournalOptions): Promise<Journal> {
  const { recorder, quarantine, onDelayed } = options;
  const file = await openSpool(options.directory, options.limits, options);
  const recording = new SegmentRecording({ file, recorder, quarantine, onDelayed });
  file.onReturned(() => recording.wake());
  if (file.bytes > 0) recording.wake();
  return {
    get events() {
      return file.events;
    },
    files: file,
    refusal: () => file.refusal(),
    async keep(event) {
      try {
        const tooLong = await file.append([event]);
        if (tooLong.length > 0) throw new RangeError('The event is too long to be kept on disk.');
        recording.wake();
      } catch (error) {
        if (!(error instanceof OverloadedError)) throw error;
        // The ledger may well be there where the disk is not.
        const outcomes = await recorder.record([event]).catch(() => Promise.reject(error));
        await recording.settle([event], outcomes);
      }
    },
    async drain() {
      await recording.drain();
      await file.close();
    },
  };
}
