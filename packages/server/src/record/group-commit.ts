/**
 * Group commit: many small writers share few transactions. A lane runs one transaction at a time; events that arrive
 * meanwhile are the next batch. Nothing waits while no transaction runs. A second one starts beside it only with enough
 * events, since two small transactions cost twice as much as one with the events of both.
 */
import type { WriteBounds } from '../db/database.ts';
import type { RecordOutcome, UsageEvent } from '../ledger/usage-event.ts';
import { type Entry, type Standing, standingOutcome, type Verdict } from './commit/commit.ts';
import type { Committer } from './commit/committer.ts';
import { storeFault } from './commit/store-faults.ts';
import { judge } from './commit/verdict.ts';
import { ASIDE_EVENTS, ASIDE_MS, PART_SHARE, WORTH_A_LANE } from './limits.ts';
import { BatchSize } from './queue/batch-size.ts';
import { type Batch, type Caller, type Item, ItemQueue, itemBytes } from './queue/queue.ts';
import { Suspects } from './suspects/suspects.ts';

export interface GroupCommitOptions {
  readonly committer: Committer;
  readonly limits: {
    readonly batchEvents: number;
    readonly batchBytes: number;
    readonly lanes: number;
    readonly statementMs: number;
  };
  /** The store is away: takes over everything that was not committed, oldest first. */
  readonly onAway: (items: readonly Item[], error: unknown) => void;
  /** The store answers and cannot take these now: they are in the way of others, and go behind them. */
  readonly onLater: (items: readonly Item[], error: unknown) => void;
  /** An event was isolated and refused. */
  readonly onUnstorable: (event: UsageEvent, outcome: RecordOutcome) => void;
}

export class GroupCommit {
  readonly #options: GroupCommitOptions;
  readonly #queue = new ItemQueue();
  readonly #suspects: Suspects;
  readonly #size: BatchSize;
  readonly #bounds: { readonly main: WriteBounds; readonly aside: WriteBounds };
  readonly #lanes = new Set<Promise<void>>();
  readonly #bytesOf = new Map<string, number>();
  #asideLane = false;
  #asideUnderWay = 0;
  #held = false;
  #scheduled = false;
  #bytes = 0;
  #pending = 0;
  #idle: (() => void)[] = [];

  constructor(options: GroupCommitOptions) {
    this.#options = options;
    this.#size = new BatchSize(options.limits.batchEvents);
    const main = boundsOf(options.limits.statementMs);
    const aside = boundsOf(options.limits.statementMs * PART_SHARE);
    this.#bounds = { main, aside };
    this.#suspects = new Suspects({
      committer: options.committer,
      bounds: { part: aside, alone: main },
      onVerdicts: (batch, verdicts) => this.#settle(batch, verdicts),
      onSuspect: (event) => {
        this.#queue.suspect(event, ASIDE_MS);
        // No lane would take the events moved aside: the lane scheduled for them finds the main line empty.
        this.#schedule();
      },
      onUnstorable: options.onUnstorable,
      onAway: options.onAway,
      onLater: options.onLater,
      onFault: (items, error) => {
        for (const item of items) this.fail(item, error);
      },
    });
  }

  /** Events waiting or in a transaction. */
  get events(): number {
    return this.#pending;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** Approximate bytes that wait or are in a transaction for a tenant. */
  bytesOf(tenant: string): number {
    return this.#bytesOf.get(tenant) ?? 0;
  }

  /** Tenants that have something waiting or in a transaction. */
  get tenants(): number {
    return this.#bytesOf.size;
  }

  /** Events that wait to be tried apart from the others, or are. */
  get aside(): number {
    return this.#queue.aside + this.#asideUnderWay + this.#suspects.events;
  }

  /** Queues an entry; its caller hears of it once. */
  add(entry: Entry, caller: Caller, position: number): void {
    const bytes = itemBytes(entry);
    this.reserve(entry.rated.event.tenant, bytes);
    this.#pending += 1;
    if (this.#bytesOf.size > 1) this.#size.shared();
    this.#queue.push({ entry, bytes, caller, position });
    this.#schedule();
  }

  /** Adds (negative: subtracts) bytes that a tenant is about to queue, so that the same room is not given out twice. */
  reserve(tenant: string, bytes: number): void {
    this.#bytes += bytes;
    const left = (this.#bytesOf.get(tenant) ?? 0) + bytes;
    if (left > 0) this.#bytesOf.set(tenant, left);
    else this.#bytesOf.delete(tenant);
  }

  /** Answers an item, whichever part handled it. */
  settle(item: Item, outcome: RecordOutcome): void {
    this.#done(item);
    item.caller.settled(item.position, item.entry.rated.event, outcome);
  }

  fail(item: Item, error: unknown): void {
    this.#done(item);
    item.caller.failed(error);
  }

  #done({ bytes, entry }: Item): void {
    this.reserve(entry.rated.event.tenant, -bytes);
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
    return [...this.#queue.takeAll(), ...this.#suspects.takeWaiting()];
  }

  /** Stops retrying in parts: undecided items go to `onLater`. */
  hurry(): void {
    this.#suspects.stop();
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
      if (!this.#held && !this.#asideLane && this.#queue.aside > 0) void this.#runAside();
    });
  }

  #wantsLane(): boolean {
    if (this.#lanes.size === 0) return this.#queue.length > 0;
    return this.#lanes.size < this.#options.limits.lanes && this.#queue.length >= WORTH_A_LANE;
  }

  async #runLane(): Promise<void> {
    const { batchBytes } = this.#options.limits;
    while (!this.#held && this.#queue.length > 0) {
      const batch = this.#queue.take({ events: this.#size.events, bytes: batchBytes });
      const began = performance.now();
      await this.#commit(batch, this.#bounds.main, false);
      this.#size.took(batch.leaders.length, performance.now() - began);
    }
  }

  /** One transaction at a time for the line aside: its events wait for each other, and no others wait for them. */
  async #runAside(): Promise<void> {
    this.#asideLane = true;
    while (!this.#held && this.#queue.aside > 0) {
      const batch = this.#queue.takeAside({ events: ASIDE_EVENTS, bytes: this.#options.limits.batchBytes });
      this.#asideUnderWay = batch.leaders.length;
      await this.#commit(batch, this.#bounds.aside, true);
      this.#asideUnderWay = 0;
    }
    this.#asideLane = false;
    if (this.#queue.aside > 0) this.#schedule();
  }

  async #commit(batch: Batch, bounds: WriteBounds, aside: boolean): Promise<void> {
    try {
      const entries = batch.leaders.map((item) => item.entry);
      this.#settle(batch, await this.#options.committer.commit(entries, 'live', bounds));
    } catch (error) {
      const fault = await this.#blame(error);
      const items = itemsOf(batch);
      if (fault === 'away') this.#options.onAway(items, error);
      else if (fault === 'fault') for (const item of items) this.fail(item, error);
      else {
        const apart = this.#suspects.add(batch, error);
        if (aside) this.#asideUnderWay = 0;
        // The line aside waits until its own suspects are settled: it may block itself, but no other line.
        if (aside) await apart;
      }
    }
  }

  /** Decides the cause of a failure; if that is unclear, it asks the database. */
  async #blame(error: unknown): Promise<'away' | 'fault' | 'batch'> {
    if (storeFault(error) === 'away') return 'away';
    try {
      return (await this.#options.committer.answers()) ? 'batch' : 'away';
    } catch {
      return 'fault';
    }
  }

  /** Settles those of a batch that have a verdict. */
  #settle({ leaders, followers }: Batch, verdicts: ReadonlyMap<string, Verdict>): void {
    for (const leader of leaders) {
      const verdict = verdicts.get(leader.entry.key);
      if (verdict === undefined)
        this.fail(leader, new Error('The transaction gave no verdict on this event.'));
      else this.settle(leader, verdict.outcome);
    }
    for (const [key, items] of followers) {
      const standing = verdicts.get(key)?.standing ?? null;
      this.#follow(items, standing);
    }
  }

  /** Later items of the same id need the database only from the first one on that changes what stands. */
  #follow(items: readonly Item[], standing: Standing | null): void {
    let waits = false;
    for (const item of items) {
      const verdict = waits || standing === null ? null : judge(standing, item.entry.rated.event);
      if (standing === null || verdict === null || verdict === 'superseded') {
        // Later items are judged against the result of this one.
        waits = true;
        this.#queue.push(item);
      } else this.settle(item, standingOutcome(verdict, item.entry, standing));
    }
    if (waits) this.#schedule();
  }
}

/** Everybody of a batch, in order. */
export function itemsOf({ leaders, followers }: Batch): Item[] {
  return [...leaders, ...[...followers.values()].flat()];
}

/** The lock timeout is shorter than the statement timeout, so that the two can be distinguished. */
export function boundsOf(statementMs: number): WriteBounds {
  return { statementMs, lockMs: statementMs * 0.8 };
}
