/** Replay: empties the spool into the ledger, oldest first, once the database is back. */
import { setTimeout as sleep } from 'node:timers/promises';
import { eventKey } from '../ledger/event-ids.ts';
import type { RecordOutcome, UsageEvent } from '../ledger/usage-event.ts';
import type { Entry } from './commit.ts';
import type { Committer } from './committer.ts';
import type { Prepare } from './entry.ts';
import type { Spool, SpoolSegment } from './spool/spool.ts';
import { storeFault } from './store-faults.ts';

const FIRST_PROBE_MS = 100;
const LONGEST_PROBE_MS = 2_000;

export interface ReplayOptions {
  readonly spool: Spool;
  readonly committer: Committer;
  readonly prepare: Prepare;
  readonly batchEvents: number;
  /** Few enough events are left that new ones had better wait for the end than be spooled behind. */
  readonly onNearlyDone: () => void;
  /** The database went away again. */
  readonly onAway: () => void;
  /** Once per event that is committed or in quarantine. */
  readonly onReplayed: (event: UsageEvent, outcome: RecordOutcome) => void;
  readonly onFailed: (details: { readonly [key: string]: unknown }) => void;
  readonly signal: AbortSignal;
}

/** Events left at which new ones are held back instead of spooled; well under a second of replay. */
const NEARLY_DONE = 5_000;

/** Resolves when the spool is empty, or when `signal` ends it early (then the rest stays for the next start). */
export async function replay(options: ReplayOptions): Promise<void> {
  const { spool, signal } = options;
  let wait = FIRST_PROBE_MS;
  while (!signal.aborted && spool.bytes > 0) {
    try {
      if (spool.events <= NEARLY_DONE) options.onNearlyDone();
      const segment = await spool.oldest();
      if (segment === null) return;
      const finished = await replaySegment(segment, options);
      if (finished) await spool.remove(segment);
      wait = FIRST_PROBE_MS;
    } catch (error) {
      options.onAway();
      if (storeFault(error) !== 'away')
        options.onFailed({ error: message(error), kept: 'in the spool, will be tried again' });
      await sleep(wait, undefined, { signal }).catch(() => undefined);
      wait = Math.min(wait * 2, LONGEST_PROBE_MS);
    }
  }
}

async function replaySegment(segment: SpoolSegment, options: ReplayOptions): Promise<boolean> {
  const { batchEvents, committer, signal, onFailed, onReplayed } = options;
  if (segment.damagedFile !== null) {
    onFailed({ segment: segment.name, damaged_stretches: segment.damaged, kept_in: segment.damagedFile });
  }
  for (const batch of batches(segment.events, batchEvents)) {
    if (signal.aborted) return false;
    const entries: Entry[] = [];
    for (const event of batch) {
      const { entry, rejected } = options.prepare(event);
      if (entry !== null) entries.push(entry);
      else await setAside(event, rejected, options);
    }
    const verdicts = await committer.commit(entries, 'replay');
    for (const { key, rated } of entries) {
      const outcome = verdicts.get(key)?.outcome;
      if (outcome?.status === 'rejected' && outcome.code === 'invalid_event') {
        await setAside(rated.event, outcome, options);
      } else if (outcome !== undefined) onReplayed(rated.event, outcome);
    }
  }
  return true;
}

/** An acknowledged event that no transaction can hold: into quarantine, or into a file where even that is refused. */
async function setAside(event: UsageEvent, outcome: RecordOutcome, options: ReplayOptions): Promise<void> {
  const reason = 'message' in outcome ? outcome.message : outcome.status;
  try {
    await options.committer.quarantine(event, reason);
  } catch (error) {
    if (storeFault(error) !== 'data') throw error;
    await options.spool.setAside(event, reason);
  }
  options.onReplayed(event, outcome);
}

/** Cuts events into batches in which no id stands twice, keeping the order of each id. */
function* batches(events: readonly UsageEvent[], size: number): Generator<UsageEvent[]> {
  let batch = new Map<string, UsageEvent>();
  for (const event of events) {
    const key = eventKey(event);
    if (batch.size >= size || batch.has(key)) {
      yield [...batch.values()];
      batch = new Map();
    }
    batch.set(key, event);
  }
  if (batch.size > 0) yield [...batch.values()];
}

function message(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
