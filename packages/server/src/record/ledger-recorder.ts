/** Puts queue, transactions, spool and announcements together. */
import { createPartitions } from '../db/schema/partitions.ts';
import type { RecordOutcome, UsageEvent } from '../ledger/usage-event.ts';
import { createCommitParts, type Entry, type Verdict } from './commit/commit.ts';
import { type Committer, createCommitter } from './commit/committer.ts';
import { createPrepare, type Prepare, rejected } from './commit/entry.ts';
import { type Announcer, createAnnouncer } from './feed/announcer.ts';
import { boundsOf, GroupCommit } from './group-commit.ts';
import { EXPECTED_EVENT_BYTES, PART_SHARE, RATED_PER_TURN, type RecorderLimits } from './limits.ts';
import { closing, queueFull } from './overloaded-error.ts';
import { isAdmitted } from './queue/admission.ts';
import type { Item } from './queue/queue.ts';
import { Turns } from './queue/turns.ts';
import { WaitingCall } from './queue/waiting-call.ts';
import { USUAL_TERMS } from './rate-event.ts';
import type { Recorder, RecorderLog, RecorderOptions, RecorderStatus } from './recorder.ts';
import { FAILED, RecorderTally } from './recorder-tally.ts';
import { replay } from './replay.ts';
import type { Spool, SpoolView } from './spool/spool.ts';
import { keepAside } from './suspects/aside.ts';

/**
 * `open`: events go to the database. `spooling`: the database is away (or the spool of an outage is still long): events
 * go to the spool. `catching-up`: the spool is nearly empty; events wait in the queue until it is, so that they stay
 * behind it. `beside`: the spool makes no progress although the database answers: events go past it.
 */
type Mode = 'open' | 'spooling' | 'catching-up' | 'beside';

export class LedgerRecorder implements Recorder {
  readonly #limits: RecorderLimits;
  readonly #log: RecorderLog;
  readonly #spool: Spool;
  readonly #prepare: Prepare;
  readonly #committer: Committer;
  readonly #queue: GroupCommit;
  readonly #announcer: Announcer;
  readonly #stopReplay = new AbortController();
  readonly #spoolWrites = new Set<Promise<void>>();
  readonly #turns = new Turns();
  readonly #tally: RecorderTally;
  #mode: Mode = 'open';
  #replaying: Promise<void> | null = null;
  #databaseAway = false;
  #calls = 0;
  #closed: Promise<void> | null = null;

  constructor(options: RecorderOptions, limits: RecorderLimits, spool: Spool) {
    const { db, books, log, terms = USUAL_TERMS, now = Date.now } = options;
    this.#limits = limits;
    this.#log = log;
    this.#spool = spool;
    this.#tally = new RecorderTally(log, now);
    this.#prepare = createPrepare(books, terms);
    this.#announcer = createAnnouncer(db);
    this.#committer = createCommitter({
      db,
      partitions: createPartitions(db),
      parts: createCommitParts(books),
      onCommit: (entries, verdicts) => this.#committed(entries, verdicts),
    });
    this.#queue = new GroupCommit({
      committer: this.#committer,
      limits,
      onAway: (items, error) => this.#away(items, error),
      onLater: (items) => this.#later(items),
      onUnstorable: (event, outcome) => this.#tally.isolated(event, outcome),
    });
    spool.onReturned(() => this.#startReplay());
    if (spool.bytes > 0) this.#startReplay();
  }

  get spool(): SpoolView {
    return this.#spool;
  }

  async record(events: readonly UsageEvent[]): Promise<readonly RecordOutcome[]> {
    if (this.#closed !== null) {
      throw closing();
    }
    if (events.length === 0) return [];
    this.#calls += 1;
    try {
      return this.#mode === 'spooling' ? await this.#toSpool(events) : await this.#toQueue(events);
    } catch (error) {
      this.#log.failed(FAILED, {
        events: events.length,
        error: error instanceof Error ? error.message : String(error),
      });
      throw error;
    } finally {
      this.#calls -= 1;
    }
  }

  /** Rates and queues in slices, so that a large call's first events are on their way while the last are rated. */
  async #toQueue(events: readonly UsageEvent[]): Promise<readonly RecordOutcome[]> {
    // Nearly every call is one tenant's.
    const who = events[0]?.tenant ?? '';
    let reserved = events.length * EXPECTED_EVENT_BYTES;
    if (!isAdmitted(this.#queue, who, reserved, this.#limits.queueBytes)) {
      throw queueFull();
    }
    this.#queue.reserve(who, reserved);
    const call = new WaitingCall(events.length, this.#log);
    for (const [position, event] of events.entries()) {
      if (position > 0 && position % RATED_PER_TURN === 0) await this.#turns.next(who);
      this.#queue.reserve(who, -EXPECTED_EVENT_BYTES);
      reserved -= EXPECTED_EVENT_BYTES;
      const { entry, rejected } = this.#prepare(event);
      if (entry === null) {
        call.settled(position, event, rejected);
        continue;
      }
      this.#queue.add(entry, call, position);
      // The store may have gone away while this call was being rated.
      if (this.#mode === 'spooling') this.#spoolItems(this.#queue.takeQueued());
    }
    return call.outcomes;
  }

  async #toSpool(events: readonly UsageEvent[]): Promise<readonly RecordOutcome[]> {
    const tooLong = new Set(await this.#spool.append(events));
    const outcomes = events.map((event, at) => spooled(event, tooLong.has(at)));
    for (const [index, event] of events.entries()) {
      const outcome = outcomes[index];
      if (outcome !== undefined) this.#log.recorded(event, outcome);
    }
    this.#startReplay();
    return outcomes;
  }

  /** A transaction found the store away: its events and the waiting ones go to the spool, in order. */
  #away(items: readonly Item[], error: unknown): void {
    this.#noteAway(error);
    this.#spoolItems([...items, ...this.#queue.takeQueued()]);
  }

  /** Locked by others for long, or not yet retried in parts: kept on disk and tried again, behind all others. */
  #later(items: readonly Item[]): void {
    if (this.#mode === 'open') this.#mode = 'beside';
    this.#spoolItems(items);
  }

  #noteAway(error: unknown): void {
    this.#mode = 'spooling';
    if (this.#databaseAway) return;
    this.#databaseAway = true;
    this.#log.notice('The database is away: events go to the spool', {
      error: error instanceof Error ? error.message : String(error),
    });
  }

  #spoolItems(items: readonly Item[]): void {
    if (items.length === 0) return;
    const write = this.#spool
      .append(items.map((item) => item.entry.rated.event))
      .then(
        (positions) => {
          const tooLong = new Set(positions);
          for (const [at, item] of items.entries())
            this.#queue.settle(item, spooled(item.entry.rated.event, tooLong.has(at)));
          this.#startReplay();
        },
        (error: unknown) => {
          for (const item of items) this.#queue.fail(item, error);
          this.#startReplay();
        },
      )
      .finally(() => this.#spoolWrites.delete(write));
    this.#spoolWrites.add(write);
  }

  #startReplay(): void {
    if (this.#replaying !== null || this.#stopReplay.signal.aborted) return;
    if (this.#mode !== 'beside') {
      this.#mode = 'spooling';
      this.#queue.hold();
    }
    const { statementMs } = this.#limits;
    this.#replaying = replay({
      spool: this.#spool,
      committer: this.#committer,
      prepare: this.#prepare,
      batchEvents: this.#limits.batchEvents,
      bounds: { batch: boundsOf(statementMs), part: boundsOf(statementMs * PART_SHARE) },
      signal: this.#stopReplay.signal,
      onNearlyDone: () => {
        if (this.#spoolWrites.size === 0 && this.#mode === 'spooling') this.#mode = 'catching-up';
      },
      onAway: () => {
        this.#mode = 'spooling';
        this.#queue.hold();
        this.#spoolItems(this.#queue.takeQueued());
      },
      onStuck: () => {
        this.#mode = 'beside';
        this.#queue.release();
      },
      onReplayed: (event, outcome) => this.#replayed(event, outcome),
      onFailed: (details) => this.#log.failed(FAILED, details),
    }).finally(() => this.#replayEnded());
  }

  #replayed(event: UsageEvent, outcome: RecordOutcome): void {
    this.#log.recorded(event, outcome);
    if (outcome.status === 'rejected' && outcome.code === 'unstorable_event')
      this.#tally.isolated(event, outcome);
    if (outcome.status !== 'conflict' && outcome.status !== 'rejected') return;
    this.#tally.quarantined(event, outcome.message);
  }

  #replayEnded(): void {
    this.#replaying = null;
    if (this.#stopReplay.signal.aborted) return;
    if (this.#spool.bytes > 0) {
      this.#startReplay();
      return;
    }
    this.#mode = 'open';
    this.#queue.release();
    if (this.#databaseAway) this.#log.notice('The database is back and the spool is empty', {});
    this.#databaseAway = false;
  }

  #committed(entries: readonly Entry[], verdicts: ReadonlyMap<string, Verdict>): void {
    const changed: Entry[] = [];
    for (const entry of entries) {
      const status = verdicts.get(entry.key)?.outcome.status;
      if (status === 'accepted' || status === 'superseded') changed.push(entry);
    }
    this.#tally.committed(changed.length);
    this.#announcer.add(
      changed.map(({ rated: { event } }) => ({ tenant: event.tenant, id: event.id, time: event.time })),
    );
  }

  status(): RecorderStatus {
    const replaying = this.#replaying !== null && !this.#databaseAway;
    const mode =
      this.#mode === 'open' ? 'open' : replaying || this.#mode === 'catching-up' ? 'replaying' : 'spooling';
    return {
      mode: this.#closed === null ? mode : 'closed',
      queuedEvents: this.#queue.events,
      queuedBytes: this.#queue.bytes,
      spooledEvents: this.#spool.events,
      spooledBytes: this.#spool.bytes,
      asideEvents: this.#queue.aside,
      ...this.#tally.counts,
    };
  }

  async keepAside(event: UsageEvent, reason: string): Promise<void> {
    await keepAside({ committer: this.#committer, spool: this.#spool }, event, reason);
    this.#tally.quarantined(event, reason);
  }

  async replayed(): Promise<void> {
    while (this.#replaying !== null) await this.#replaying;
  }

  drain(): Promise<void> {
    this.#closed ??= this.#finish();
    return this.#closed;
  }

  async #finish(): Promise<void> {
    // Admitted calls may still be rating.
    this.#stopReplay.abort();
    this.#queue.hurry();
    await this.#replaying;
    if (this.#mode !== 'open') {
      this.#mode = 'spooling';
      this.#spoolItems(this.#queue.takeQueued());
    }
    while (this.#calls > 0 || this.#queue.events > 0) {
      await this.#queue.idle();
      await new Promise((resolve) => setImmediate(resolve));
    }
    await Promise.all(this.#spoolWrites);
    await this.#announcer.close();
    await this.#spool.close();
  }
}

/** The outcome of an event that went to the spool, or was too long for it. */
function spooled(event: UsageEvent, tooLong: boolean): RecordOutcome {
  return tooLong
    ? rejected(event, 'The event is too long to be kept on disk while the database is away.')
    : { status: 'queued', id: event.id };
}
