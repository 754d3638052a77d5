/** Commits entries whatever happens on the way: repeats what may be repeated, isolates what cannot be stored. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Database, WriteBounds } from '../../db/database.ts';
import type { Partitions } from '../../db/schema/partitions.ts';
import { partitionMonth } from '../../db/schema/partitions.ts';
import { sqlState } from '../../db/store-errors.ts';
import { quarantine } from '../../ledger/quarantine.ts';
import type { RecordOutcome, UsageEvent } from '../../ledger/usage-event.ts';
import { type CommitParts, type Committed, commitEntries, type Entry, type Verdict } from './commit.ts';
import { unstorable } from './entry.ts';
import { isBrokenConnection, isDefect, storeFault } from './store-faults.ts';

const CONTENTION_RETRIES = 8;
const RECONNECT_DELAY_MS = 25;
/** An answer to the simplest question later than this is none. */
const PROBE: WriteBounds = { statementMs: 1_500, lockMs: 1_500 };
const PROBE_MS = 2_000;
/** A read-only database counts as away: it is a standby, or a fail-over is in progress. */
const READ_ONLY = "select current_setting('transaction_read_only') as read_only";

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

export function createCommitter({ db, parts, partitions, onCommit }: CommitterOptions): Committer {
  let probing: Promise<boolean> | null = null;
  let written = 0;

  /** One transaction. */
  async function transact(work: Work, seen: Attempt): Promise<Committed> {
    const { entries, mode, bounds } = work;
    await partitions.ensure(entries.map((entry) => entry.rated.event.time));
    seen.decided = null;
    return await db.asWriter(async (tx) => {
      const committed = await commitEntries(tx, parts, entries, mode);
      seen.decided = committed;
      return committed;
    }, bounds);
  }

  /** Repeats what may pass when repeated. A broken connection gets one more try: Postgres may be there, only the socket gone. */
  async function attempt(work: Work): Promise<ReadonlyMap<string, Verdict>> {
    const seen: Attempt = { decided: null };
    let undecided: Committed | null = null;
    let reconnected = false;
    let repartitioned = false;
    for (let contention = 0; ; ) {
      try {
        const committed = await transact(work, seen);
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

  /** Halves a batch with an unstorable event until each culprit is alone. */
  async function isolate(work: Work): Promise<Map<string, Verdict>> {
    const { entries } = work;
    try {
      return new Map(await attempt(work));
    } catch (error) {
      if (storeFault(error) !== 'data') throw error;
      const [only] = entries;
      if (only !== undefined && entries.length === 1)
        return new Map([[only.key, { outcome: unstorable(only.rated.event, error), standing: null }]]);
      const half = Math.ceil(entries.length / 2);
      const first = await isolate({ ...work, entries: entries.slice(0, half) });
      for (const [key, verdict] of await isolate({ ...work, entries: entries.slice(half) }))
        first.set(key, verdict);
      return first;
    }
  }

  async function probe(): Promise<boolean> {
    const asked = db
      .asWriter(async (tx) => {
        const { rows } = await tx.query<{ read_only: string }>(READ_ONLY);
        if (rows[0]?.read_only === 'on') return false;
        // A record of no meaning: its commit waits for the disk as that of an event does. The login itself may write one;
        // the roles of a transaction may not where the public's right was taken, so that no reporting login does.
        await tx.query("set local role none; select pg_logical_emit_message(true, 'farthing', '')");
        return true;
      }, PROBE)
      .then(
        (writable) => writable,
        (error: unknown) => {
          if (isDefect(error)) throw error;
          return false;
        },
      );
    const late = new AbortController();
    const inTime = sleep(PROBE_MS, false, { signal: late.signal, ref: false }).catch(() => false);
    try {
      return await Promise.race([asked, inTime]);
    } finally {
      late.abort();
      asked.catch(() => undefined);
    }
  }

  return {
    async commit(entries, mode, bounds) {
      if (entries.length === 0) return new Map();
      const verdicts = await isolate({ entries, mode, bounds });
      for (const { outcome } of verdicts.values()) if (isWritten(outcome)) written += 1;
      onCommit(entries, verdicts);
      return verdicts;
    },
    answers() {
      probing ??= probe().finally(() => {
        probing = null;
      });
      return probing;
    },
    get written() {
      return written;
    },
    quarantine: (event, reason) => db.asWriter((tx) => quarantine(tx, event, reason)),
  };
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
