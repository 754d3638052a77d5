/** Replay: empties the spool into the ledger, oldest first, once the database is back. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { WriteBounds } from '../db/database.ts';
import type { RecordOutcome, UsageEvent } from '../ledger/usage-event.ts';
import { eventKey } from '../ledger/writing/event-id-store.ts';
import type { Entry, Verdict } from './commit/commit.ts';
import type { Committer } from './commit/committer.ts';
import { givenUp, type Prepare } from './commit/entry.ts';
import { isUnreachable, storeFault } from './commit/store-faults.ts';
import type { Spool, SpoolSegment } from './spool/spool.ts';
import { keepAside } from './suspects/aside.ts';
import { commitApart, type Undecided } from './suspects/commit-apart.ts';

const FIRST_PROBE_MS = 100;
const LONGEST_PROBE_MS = 2_000;
/** Events prepared in one turn of the event loop. */
const PREPARED_PER_TURN = 256;
/** How often a batch may find the database gone, which was there before, until it is itself suspected. */
const TRIES = 3;
/**
 * Rounds in which an event is retried alone while no other event is written; after that it goes into quarantine anyway.
 */
const MOST_ROUNDS = 5;
/** Until what was postponed is tried again, at most. */
const LONGEST_POSTPONED_MS = 30_000;
/** How long an isolated event that brought the database down is given to see it come back. */
const COMES_BACK_MS = 30_000;

export interface ReplayOptions {
  readonly spool: Spool;
  readonly committer: Committer;
  readonly prepare: Prepare;
  readonly batchEvents: number;
  readonly bounds: { readonly batch: WriteBounds; readonly part: WriteBounds };
  /** Few enough events are left that new ones had better wait for the end than be spooled behind. */
  readonly onNearlyDone: () => void;
  /** The database went away again. */
  readonly onAway: () => void;
  /** The database answers, and this does not get on: new events must not wait for it. */
  readonly onStuck: () => void;
  /** Once per event that is committed or in quarantine. */
  readonly onReplayed: (event: UsageEvent, outcome: RecordOutcome) => void;
  readonly onFailed: (details: { readonly [key: string]: unknown }) => void;
  readonly signal: AbortSignal;
}

/** Events left at which new ones are held back instead of spooled; well under a second of replay. */
const NEARLY_DONE = 5_000;

/** Resolves when the spool is empty, or when `signal` ends it early (then the rest stays for the next start). */
export function replay(options: ReplayOptions): Promise<void> {
  return new Replay(options).run();
}

class Replay {
  readonly #options: ReplayOptions;
  #wait = FIRST_PROBE_MS;
  /** True if the database answered since the last failure: a new failure then happened on a reachable database. */
  #answered = false;
  /** Failures of the first batch on a reachable database. */
  #failures = 0;
  #failed = '';
  /** By key, how often an event was tried apart to no end. */
  readonly #rounds = new Map<string, number>();

  constructor(options: ReplayOptions) {
    this.#options = options;
  }

  async run(): Promise<void> {
    const { spool, signal, onNearlyDone } = this.#options;
    while (!signal.aborted && spool.bytes > 0) {
      if (!(await this.#isThere())) continue;
      try {
        if (spool.events <= NEARLY_DONE) onNearlyDone();
        const segment = await spool.oldest();
        if (segment === null) return;
        const end = await this.#segment(segment);
        if (end !== 'stopped') await spool.remove(segment);
        if (end === 'postponed') await this.#pause(LONGEST_POSTPONED_MS);
        else this.#wait = FIRST_PROBE_MS;
      } catch (error) {
        await this.#failedWith(error);
      }
    }
  }

  async #isThere(): Promise<boolean> {
    this.#answered ||= await this.#answers();
    if (this.#answered) return true;
    this.#options.onAway();
    await this.#pause();
    return false;
  }

  async #pause(longestMs = LONGEST_PROBE_MS): Promise<void> {
    await sleep(this.#wait, undefined, { signal: this.#options.signal }).catch(() => undefined);
    this.#wait = Math.min(this.#wait * 2, longestMs);
  }

  async #failedWith(error: unknown): Promise<void> {
    const { onAway, onStuck, onFailed } = this.#options;
    this.#answered = false;
    const away = storeFault(error) === 'away' || !(await this.#answers());
    if (away) onAway();
    else {
      onStuck();
      onFailed({ error: message(error), kept: 'in the spool, will be tried again' });
    }
    await this.#pause();
  }

  /** A defect counts as an answer too: waiting for another would not help. */
  #answers(): Promise<boolean> {
    return this.#options.committer.answers().catch(() => true);
  }

  async #segment(segment: SpoolSegment): Promise<'done' | 'postponed' | 'stopped'> {
    const { batchEvents, signal, onFailed } = this.#options;
    if (segment.damagedFile !== null) {
      onFailed({ segment: segment.name, damaged_stretches: segment.damaged, kept_in: segment.damagedFile });
    }
    const postponed: Entry[] = [];
    let index = 0;
    for (const batch of batches(segment.events, batchEvents)) {
      if (signal.aborted) return 'stopped';
      const entries = await this.#prepare(batch);
      const left = await this.#commit(entries, `${segment.name} ${index}`);
      if (left === 'stopped') return 'stopped';
      postponed.push(...left);
      index += 1;
    }
    if (postponed.length === 0) return 'done';
    // Behind everything else: an event blocked by others for long must not block the rest.
    await this.#options.spool.append(postponed.map(({ rated }) => rated.event));
    return 'postponed';
  }

  async #prepare(batch: readonly UsageEvent[]): Promise<Entry[]> {
    const entries: Entry[] = [];
    for (const [index, event] of batch.entries()) {
      if (index > 0 && index % PREPARED_PER_TURN === 0) await new Promise(setImmediate);
      const { entry, rejected } = this.#options.prepare(event);
      if (entry !== null) entries.push(entry);
      else await this.#setAside(event, rejected);
    }
    return entries;
  }

  /** Returns the entries to retry behind everything else. */
  async #commit(entries: readonly Entry[], name: string): Promise<readonly Entry[] | 'stopped'> {
    const { committer, bounds } = this.#options;
    if (this.#failed !== name) this.#failures = 0;
    this.#failed = name;
    try {
      const verdicts = await committer.commit(entries, 'replay', bounds.batch);
      await this.#told(entries, verdicts);
      return [];
    } catch (error) {
      if (!(await this.#isToBlame(error))) throw error;
      return this.#apart(entries, error);
    }
  }

  /** The batch is the cause if the database answers after it, or if the database went away after it repeatedly. */
  async #isToBlame(error: unknown): Promise<boolean> {
    if (storeFault(error) !== 'away') return this.#options.committer.answers().catch(() => false);
    if (!isUnreachable(error)) return false;
    this.#failures += 1;
    return this.#failures >= TRIES && (await this.#comesBack(COMES_BACK_MS));
  }

  async #comesBack(withinMs: number): Promise<boolean> {
    const { signal } = this.#options;
    const until = performance.now() + withinMs;
    while (!signal.aborted) {
      if (await this.#answers()) return true;
      if (performance.now() > until) return false;
      await sleep(FIRST_PROBE_MS, undefined, { signal }).catch(() => undefined);
    }
    return false;
  }

  async #apart(entries: readonly Entry[], error: unknown): Promise<readonly Entry[] | 'stopped'> {
    const { committer, bounds, signal, onStuck } = this.#options;
    onStuck();
    const decided: [readonly Entry[], ReadonlyMap<string, Verdict>][] = [];
    const undecided = await commitApart(entries, error, {
      commit: (some, within) => committer.commit(some, 'replay', within),
      answers: () => this.#comesBack(COMES_BACK_MS),
      written: () => committer.written,
      outlasts: isUnreachable,
      bounds: { part: bounds.part, alone: bounds.batch },
      onVerdicts: (some, verdicts) => decided.push([some, verdicts]),
      onSuspect: () => undefined,
      signal,
    });
    for (const [some, verdicts] of decided) await this.#told(some, verdicts);
    const later: Entry[] = [];
    for (const one of undecided) {
      if (one.why === 'away' || (one.why === 'fault' && !one.tried)) throw one.error;
      if (signal.aborted) return 'stopped';
      for (const entry of one.entries) {
        if (this.#isHopeless(entry, one))
          await this.#setAside(entry.rated.event, givenUp(entry.rated.event, one.error));
        else later.push(entry);
      }
    }
    return later;
  }

  /**
   * False for an event blocked by locks or a missing table: it is kept for later. True after {@link MOST_ROUNDS} other
   * failures.
   */
  #isHopeless({ key }: Entry, { error, tried }: Undecided): boolean {
    const fault = storeFault(error);
    if (!tried || fault === 'blocked' || fault === 'fault') return false;
    const rounds = (this.#rounds.get(key) ?? 0) + 1;
    if (rounds < MOST_ROUNDS) this.#rounds.set(key, rounds);
    else this.#rounds.delete(key);
    return rounds >= MOST_ROUNDS;
  }

  async #told(entries: readonly Entry[], verdicts: ReadonlyMap<string, Verdict>): Promise<void> {
    for (const { key, rated } of entries) {
      const outcome = verdicts.get(key)?.outcome;
      if (outcome === undefined) continue;
      if (isUnstorable(outcome)) await this.#setAside(rated.event, outcome);
      else this.#options.onReplayed(rated.event, outcome);
    }
  }

  async #setAside(event: UsageEvent, outcome: RecordOutcome): Promise<void> {
    await keepAside(this.#options, event, 'message' in outcome ? outcome.message : outcome.status);
    this.#options.onReplayed(event, outcome);
  }
}

/** Misfits of other kinds went into quarantine with their transaction. */
function isUnstorable(outcome: RecordOutcome): boolean {
  return (
    outcome.status === 'rejected' && (outcome.code === 'invalid_event' || outcome.code === 'unstorable_event')
  );
}

/** Cuts events into batches without duplicate ids, keeping the order of each id. */
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
