/** Commits entries whatever happens on the way: repeats what may be repeated, isolates what cannot be stored. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Database, WriteBounds } from '../../db/database.ts';
import type { Partitions } from '../../db/schema/partitions.ts';
import { partitionMonth } from '../../db/schema/partitions.ts';
import { sqlState } from '../../db/store-errors.ts';
import type { RecordOutcome, UsageEvent } from '../../ledger/usage-event.ts';
import { quarantine } from '../../ledger/writing/quarantine-store.ts';
import { type CommitParts, type Committed, commitEntries, type Entry, type Verdict } from './commit.ts';
import { unstorable } from './entry.ts';
import { isBrokenConnection, storeFault } from './store-faults.ts';
import { WriteProbe } from './write-probe.ts';

const CONTENTION_RETRIES = 8;
const RECONNECT_DELAY_MS = 25;
export interface Committer {
  /**
   * Resolves to a verdict per entry key. Rejects on a defect, or when the store is away or gave up on these entries. It
   * is then unknown whether they were committed; if they were, their ids show it when they are sent again.
   */
  commit(
    entries: readonly Entry[],
    mode: 'live' | 'replay',
    bounds: WriteBounds,
  ): Promise<ReadonlyMap<string, Verdict>>;
  /** Whether the database accepts an unrelated write within two seconds. Rejects on a defect. */
  answers(): Promise<boolean>;
  /** Events written since the start: while it grows, the database accepts events. */
  readonly written: number;
  /** Keeps an acknowledged event that no transaction can hold, with the reason. */
  quarantine(event: UsageEvent, reason: string): Promise<void>;
}

export interface CommitterOptions {
  readonly db: Database;
  readonly parts: CommitParts;
  readonly partitions: Partitions;
  readonly onCommit: (entries: readonly Entry[], verdicts: ReadonlyMap<string, Verdict>) => void;
}

export function createCommitter(options: CommitterOptions): Committer {
  const { db, onCommit } = options;
  const probe = new WriteProbe(db);
  const repeats = new Repeats(options);
  let written = 0;
  return {
    async commit(entries, mode, bounds) {
      if (entries.length === 0) return new Map();
      const verdicts = await isolate(repeats, { entries, mode, bounds });
      for (const { outcome } of verdicts.values()) if (isWritten(outcome)) written += 1;
      onCommit(entries, verdicts);
      return verdicts;
    },
    answers: () => probe.answers(),
    get written() {
      return written;
    },
    quarantine: (event, reason) => db.asWriter((tx) => quarantine(tx, event, reason)),
  };
}

/** One transaction, repeated where that may help. */
class Repeats {
  readonly #options: Omit<CommitterOptions, 'onCommit'>;

  constructor(options: Omit<CommitterOptions, 'onCommit'>) {
    this.#options = options;
  }

  /** Repeats what may pass when repeated. A broken connection gets one more try: Postgres may be there, only the socket gone. */
  async attempt(work: Work): Promise<ReadonlyMap<string, Verdict>> {
    const { partitions } = this.#options;
    const seen: Attempt = { decided: null };
    let undecided: Committed | null = null;
    let reconnected = false;
    let repartitioned = false;
    for (let contention = 0; ; ) {
      try {
        const committed = await this.#transact(work, seen);
        committed.firstSights.remember();
        return undecided === null ? committed.verdicts : settleUndecided(committed, undecided);
      } catch (error) {
        const fault = storeFault(error);
        if (fault === 'contention' && contention < CONTENTION_RETRIES) {
          contention += 1;
          await sleep(contention * 5 * Math.random());
        } else if ((fault === 'away' || isBrokenConnection(error)) && !reconnected) {
          reconnected = true;
          undecided = seen.decided;
          await sleep(RECONNECT_DELAY_MS);
        } else if (isMissingPartition(error) && !repartitioned) {
          repartitioned = true;
          for (const entry of work.entries) partitions.forget(partitionMonth(entry.rated.event.time));
        } else throw error;
      }
    }
  }

  async #transact({ entries, mode, bounds }: Work, seen: Attempt): Promise<Committed> {
    const { db, parts, partitions } = this.#options;
    await partitions.ensure(entries.map((entry) => entry.rated.event.time));
    seen.decided = null;
    return await db.asWriter(async (tx) => {
      const committed = await commitEntries(tx, parts, entries, mode);
      seen.decided = committed;
      return committed;
    }, bounds);
  }
}

/** Halves a batch that holds something unstorable until the culprits stand alone. */
async function isolate(repeats: Repeats, work: Work): Promise<Map<string, Verdict>> {
  const { entries } = work;
  try {
    return new Map(await repeats.attempt(work));
  } catch (error) {
    if (storeFault(error) !== 'data') throw error;
    const [only] = entries;
    if (only !== undefined && entries.length === 1)
      return new Map([[only.key, { outcome: unstorable(only.rated.event, error), standing: null }]]);
    const half = Math.ceil(entries.length / 2);
    const first = await isolate(repeats, { ...work, entries: entries.slice(0, half) });
    for (const [key, verdict] of await isolate(repeats, { ...work, entries: entries.slice(half) }))
      first.set(key, verdict);
    return first;
  }
}

interface Work {
  readonly entries: readonly Entry[];
  readonly mode: 'live' | 'replay';
  readonly bounds: WriteBounds;
}

interface Attempt {
  /** The transaction's verdicts when it sent COMMIT; null before that. */
  decided: Committed | null;
}

const isWritten = ({ status }: RecordOutcome): boolean => status === 'accepted' || status === 'superseded';

/** Another process's retention dropped a month that this one believes to exist. */
function isMissingPartition(error: unknown): boolean {
  return sqlState(error) === '23514' && error instanceof Error && error.message.startsWith('no partition');
}

/** "Duplicate" of what the unanswered COMMIT turned out to have written is the caller's own event: it was accepted. */
function settleUndecided(now: Committed, before: Committed): ReadonlyMap<string, Verdict> {
  const verdicts = new Map(now.verdicts);
  for (const [key, verdict] of now.verdicts) {
    const earlier = before.verdicts.get(key);
    if (earlier !== undefined && isWritten(earlier.outcome) && verdict.outcome.status === 'duplicate')
      verdicts.set(key, earlier);
  }
  return verdicts;
}
