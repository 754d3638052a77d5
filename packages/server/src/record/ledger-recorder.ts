/** Puts queue, transactions, spool and announcements together. */
import { createPartitions } from '../db/partitions.ts';
import type { RecordOutcome, UsageEvent } from '../ledger/usage-event.ts';
import { isAdmitted } from './admission.ts';
import { type Announcer, createAnnouncer } from './announcer.ts';
import { keepAside } from './aside.ts';
import { createCommitParts, type Entry, type Verdict } from './commit.ts';
import { type Committer, createCommitter } from './committer.ts';
import { createPrepare, type Prepare, rejected } from './entry.ts';
import { boundsOf, GroupCommit } from './group-commit.ts';
import { Overloaded } from './overloaded.ts';
import type { Item } from './queue.ts';
import { USUAL_TERMS } from './rate-event.ts';
import type {
  Recorder,
  RecorderLimits,
  RecorderLog,
  RecorderOptions,
  RecorderStatus,
} from './recorder-types.ts';
import { replay } from './replay.ts';
import type { Spool, SpoolView } from './spool/spool.ts';
import { Turns } from './turns.ts';
import { WaitingCall } from './waiting-call.ts';

/** For people: an event of an old spool may have a name of any length and kind. */
const brief = (name: unknown): string => String(name).slice(0, 256);
const FAILED = 'Cost recording failed';
/** Events rated in one turn of the event loop; longer would delay other requests. */
const RATED_PER_TURN = 256;
/** Assumed size of an event before it is known, for admission. */
const EXPECTED_EVENT_BYTES = 2_048;
const RETRY_AFTER_SECONDS = 1;

/** What one statement may take: ten times what it takes for a full batch on a small machine. */
const PARTS_SHARE = 0.4;

/**
 * `open`: events go to the database. `spooling`: it is away (or the spool of an outage is still long): events go to
 * the spool. `catching-up`: the spool is nearly empty; events wait in the queue until it is, so that they stay behind it.
 * `beside`: what is in the spool does not get on, though the database answers: events go past it.
 */
type Mode = 'open' | 'spooling' | 'catching-up' | 'beside';

export class LedgerRecorder implements Recorder {
  readonly #now: () => number;
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
  #mode: Mode = 'open';
  #replaying: Promise<void> | null = null;
  #databaseAway = false;
  #calls = 0;
  #closed: Promise<void> | null = null;
  #committedEvents = 0;
  #commits = 0;
  #quarantined = 0;
  #isolated = 0;
  #lastIsolated: RecorderStatus['lastIsolated'] = null;

  constructor(options: RecorderOptions, limits: RecorderLimits, spool: Spool) {
    const { db, books, log, terms = USUAL_TERMS, now = Date.now } = options;
    this.#now = now;
    this.#limits = limits;
    this.#log = log;
    this.#spool = spool;
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
      onUnstorable: (event, outcome) => this.#noteIsolated(event, outcome),
    });
    spool.onReturned(() => this.#startReplay());
    if (spool.bytes > 0) this.#startReplay();
  }

  get spool(): SpoolView {
    return this.#spool;
  }

  async record(events: readonly UsageEvent[]): Promise<readonly RecordOutcome[]> {
    if (this.#closed !== null) {
      throw new Overloaded('The server is shutting down. Send the events again later.', RETRY_AFTER_SECONDS);
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
      throw new Overloaded(
        'Too many events are waiting to be recorded. Send them again later.',
        RETRY_AFTER_SECONDS,
      );
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

  /** A transaction found the store away: what it held and what waits goes to the spool, in order. */
  #away(items: readonly Item[], error: unknown): void {
    this.#noteAway(error);
    this.#spoolItems([...items, ...this.#queue.takeQueued()]);
  }

  /** Locked by others for long, or not yet tried apart: kept on disk and tried again, past nobody. */
  #later(items: readonly Item[]): void {
    if (this.#mode === 'open') this.#mode = 'beside';
    this.#spoolItems(items);
  }

  #noteIsolated(event: UsageEvent, outcome: RecordOutcome): void {
    this.#isolated += 1;
    this.#lastIsolated = {
      tenant: brief(event.tenant),
      eventId: brief(event.id),
      reason: 'message' in outcome ? outcome.message : outcome.status,
      at: this.#now(),
    };
    this.#log.failed(FAILED, { ...this.#lastIsolated });
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
      bounds: { batch: boundsOf(statementMs), part: boundsOf(statementMs * PARTS_SHARE) },
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
      this.#noteIsolated(event, outcome);
    if (outcome.status !== 'conflict' && outcome.status !== 'rejected') return;
    this.#noteQuarantined(event, outcome.message);
  }

  #noteQuarantined(event: UsageEvent, reason: string): void {
    this.#quarantined += 1;
    this.#log.failed(FAILED, {
      tenant: brief(event.tenant),
      event_id: brief(event.id),
      quarantined: reason.slice(0, 1_000),
    });
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
    this.#commits += 1;
    const changed: Entry[] = [];
    for (const entry of entries) {
      const status = verdicts.get(entry.key)?.outcome.status;
      if (status === 'accepted' || status === 'superseded') changed.push(entry);
    }
    this.#committedEvents += changed.length;
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
      committedEvents: this.#committedEvents,
      commits: this.#commits,
      quarantinedEvents: this.#quarantined,
      asideEvents: this.#queue.aside,
      isolatedEvents: this.#isolated,
      lastIsolated: this.#lastIsolated,
    };
  }

  async keepAside(event: UsageEvent, reason: string): Promise<void> {
    await keepAside({ committer: this.#committer, spool: this.#spool }, event, reason);
    this.#noteQuarantined(event, reason);
  }

  async replayed(): Promise<void> {
    while (this.#replaying !== null) await this.#replaying;
  }

  drain(): Promise<void> {
    this.#closed ??= this.#finish();
    return this.#closed;
  }

  async #finish(): Promise<void> {
    // Calls that were let in may still be rating.
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

/** What an event is answered that went to the spool, or was too long for it. */
function spooled(event: UsageEvent, tooLong: boolean): RecordOutcome {
  return tooLong
    ? rejected(event, 'The event is too long to be kept on disk while the database is away.')
    : { status: 'queued', id: event.id };
}
