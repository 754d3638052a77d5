/**
 * Group commit: many small writers share few transactions. A lane runs one transaction at a time; what arrives
 * meanwhile is the next batch. Nothing waits while no transaction runs; a further one begins beside it only with
 * enough to do, since two small transactions cost twice what one of their size does.
 */
import type { RecordOutcome } from '../ledger/usage-event.ts';
import { type Entry, type Standing, standingOutcome, type Verdict } from './commit.ts';
import type { Committer } from './committer.ts';
import { type Batch, type Caller, type Item, ItemQueue, itemBytes } from './queue.ts';
import { storeFault } from './store-faults.ts';
import { judge } from './verdict.ts';

export interface GroupCommitOptions {
  readonly committer: Committer;
  readonly limits: { readonly batchEvents: number; readonly batchBytes: number; readonly lanes: number };
  /** The store is away: takes over everything that was not committed, oldest first. */
  readonly onAway: (items: readonly Item[], error: unknown) => void;
}

/** Waiting events that are worth a transaction beside the one that runs: by requests of 50, 7 % more than with 512. */
const WORTH_A_LANE = 128;

export class GroupCommit {
  readonly #options: GroupCommitOptions;
  readonly #queue = new ItemQueue();
  readonly #lanes = new Set<Promise<void>>();
  #held = false;
  #scheduled = false;
  #bytes = 0;
  #pending = 0;
  #idle: (() => void)[] = [];

  constructor(options: GroupCommitOptions) {
    this.#options = options;
  }

  /** Events waiting or in a transaction. */
  get events(): number {
    return this.#pending;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** Queues an entry; its caller hears of it once. */
  add(entry: Entry, caller: Caller, position: number): void {
    const bytes = itemBytes(entry);
    this.#bytes += bytes;
    this.#pending += 1;
    this.#queue.push({ entry, bytes, caller, position });
    this.#schedule();
  }

  /** Answers an item, whoever took it over. */
  settle(item: Item, outcome: RecordOutcome): void {
    this.#done(item);
    item.caller.settled(item.position, item.entry.rated.event, outcome);
  }

  fail(item: Item, error: unknown): void {
    this.#done(item);
    item.caller.failed(error);
  }

  #done(item: Item): void {
    this.#bytes -= item.bytes;
    this.#pending -= 1;
    if (this.#pending === 0) for (const wake of this.#idle.splice(0)) wake();
  }

  /** While held, entries queue up and no transaction begins. */
  hold(): void {
    this.#held = true;
  }

  release(): void {
    this.#held = false;
    this.#schedule();
  }

  /** Takes what no transaction has begun with. */
  takeQueued(): Item[] {
    return this.#queue.takeAll();
  }

  /** Resolves when every entry has its outcome. */
  idle(): Promise<void> {
    return this.#pending === 0 ? Promise.resolve() : new Promise((resolve) => this.#idle.push(resolve));
  }

  /** Starts lanes at the end of the turn, so that calls of the same turn share a transaction. */
  #schedule(): void {
    if (this.#scheduled || this.#held) return;
    this.#scheduled = true;
    setImmediate(() => {
      this.#scheduled = false;
      while (!this.#held && this.#wantsLane()) {
        const lane: Promise<void> = this.#runLane().finally(() => {
          this.#lanes.delete(lane);
          if (this.#queue.length > 0) this.#schedule();
        });
        this.#lanes.add(lane);
      }
    });
  }

  #wantsLane(): boolean {
    if (this.#lanes.size === 0) return this.#queue.length > 0;
    return this.#lanes.size < this.#options.limits.lanes && this.#queue.length >= WORTH_A_LANE;
  }

  async #runLane(): Promise<void> {
    const { batchEvents, batchBytes } = this.#options.limits;
    while (!this.#held && this.#queue.length > 0) {
      await this.#commit(this.#queue.take({ events: batchEvents, bytes: batchBytes }));
    }
  }

  async #commit(batch: Batch): Promise<void> {
    try {
      const verdicts = await this.#options.committer.commit(
        batch.leaders.map((item) => item.entry),
        'live',
      );
      this.#settle(batch, verdicts);
    } catch (error) {
      const items = [...batch.leaders, ...[...batch.followers.values()].flat()];
      if (storeFault(error) === 'away') this.#options.onAway(items, error);
      else for (const item of items) this.fail(item, error);
    }
  }

  #settle(batch: Batch, verdicts: ReadonlyMap<string, Verdict>): void {
    for (const leader of batch.leaders) {
      const verdict = verdicts.get(leader.entry.key);
      if (verdict === undefined)
        this.fail(leader, new Error('The transaction gave no verdict on this event.'));
      else this.settle(leader, verdict.outcome);
    }
    for (const [key, items] of batch.followers) {
      const standing = verdicts.get(key)?.standing ?? null;
      for (const item of items) this.#follow(item, standing);
    }
  }

  /** A later item of the same id needs the database only where it changes what stands. */
  #follow(item: Item, standing: Standing | null): void {
    const verdict = standing === null ? 'superseded' : judge(standing, item.entry.rated.event);
    if (standing !== null && verdict !== 'superseded') {
      this.settle(item, standingOutcome(verdict, item.entry, standing));
    } else {
      this.#queue.push(item);
    }
  }
}
