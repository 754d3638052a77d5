/** Batches that the database gave up on: tried apart from all others, two at a time, while those go on. */
import type { RecordOutcome, UsageEvent } from '../../ledger/usage-event.ts';
import type { Entry, Verdict } from '../commit/commit.ts';
import type { Committer } from '../commit/committer.ts';
import type { Batch, Item } from '../queue/queue.ts';
import { type ApartOptions, commitApart, type Undecided } from './commit-apart.ts';

export interface SuspectsOptions {
  readonly committer: Committer;
  readonly bounds: ApartOptions['bounds'];
  /** Of a part of a batch, with the items that follow its leaders. */
  readonly onVerdicts: (part: Batch, verdicts: ReadonlyMap<string, Verdict>) => void;
  readonly onSuspect: (event: UsageEvent, error: unknown) => void;
  readonly onUnstorable: (event: UsageEvent, outcome: RecordOutcome) => void;
  readonly onAway: (items: readonly Item[], error: unknown) => void;
  readonly onLater: (items: readonly Item[], error: unknown) => void;
  readonly onFault: (items: readonly Item[], error: unknown) => void;
}

/** Most batches retried at once, each on its own connection; others wait only for these. */
const AT_ONCE = 2;

interface Case {
  readonly batch: Batch;
  readonly error: unknown;
  readonly end: PromiseWithResolvers<void>;
}

export class Suspects {
  readonly #options: SuspectsOptions;
  readonly #stopping = new AbortController();
  readonly #waiting: Case[] = [];
  #running = 0;
  #events = 0;

  constructor(options: SuspectsOptions) {
    this.#options = options;
  }

  /** Events without a verdict, followers left out. */
  get events(): number {
    return this.#events;
  }

  /** Resolves when every event of the batch has its verdict or was handed over. */
  add(batch: Batch, error: unknown): Promise<void> {
    const end = Promise.withResolvers<void>();
    this.#events += batch.leaders.length;
    this.#waiting.push({ batch, error, end });
    this.#next();
    return end.promise;
  }

  /** Takes what was not begun with. */
  takeWaiting(): Item[] {
    return this.#waiting.splice(0).flatMap(({ batch, end }) => {
      this.#events -= batch.leaders.length;
      end.resolve();
      return [...batch.leaders, ...[...batch.followers.values()].flat()];
    });
  }

  stop(): void {
    this.#stopping.abort();
  }

  #next(): void {
    if (this.#running >= AT_ONCE) return;
    const one = this.#waiting.shift();
    if (one === undefined) return;
    this.#running += 1;
    void this.#run(one).finally(() => {
      this.#running -= 1;
      one.end.resolve();
      this.#next();
    });
  }

  async #run({ batch, error }: Case): Promise<void> {
    const { committer, bounds, onSuspect } = this.#options;
    const leaders = new Map(batch.leaders.map((item) => [item.entry.key, item]));
    const undecided = await commitApart(
      batch.leaders.map((item) => item.entry),
      error,
      {
        commit: (entries, within) => committer.commit(entries, 'live', within),
        answers: () => committer.answers(),
        written: () => committer.written,
        bounds,
        onSuspect,
        onVerdicts: (entries, verdicts) => this.#decided(part(batch, leaders, entries), verdicts),
        signal: this.#stopping.signal,
      },
    );
    for (const one of undecided) this.#handOver(batch, leaders, one);
  }

  #decided(decided: Batch, verdicts: ReadonlyMap<string, Verdict>): void {
    const { onVerdicts, onUnstorable } = this.#options;
    this.#events -= decided.leaders.length;
    for (const { entry } of decided.leaders) {
      const outcome = verdicts.get(entry.key)?.outcome;
      if (outcome?.status === 'rejected' && outcome.code === 'unstorable_event')
        onUnstorable(entry.rated.event, outcome);
    }
    onVerdicts(decided, verdicts);
  }

  #handOver(batch: Batch, leaders: Leaders, { entries, why, error }: Undecided): void {
    const { leaders: first, followers } = part(batch, leaders, entries);
    this.#events -= first.length;
    const items = [...first, ...[...followers.values()].flat()];
    if (why === 'away') this.#options.onAway(items, error);
    else if (why === 'later') this.#options.onLater(items, error);
    else this.#options.onFault(items, error);
  }
}

type Leaders = ReadonlyMap<string, Item>;

/** These entries of a batch, with what follows them. */
function part({ followers }: Batch, leaders: Leaders, entries: readonly Entry[]): Batch {
  const following = new Map<string, readonly Item[]>();
  const first: Item[] = [];
  for (const { key } of entries) {
    const leader = leaders.get(key);
    if (leader === undefined) continue;
    first.push(leader);
    const behind = followers.get(key);
    if (behind !== undefined) following.set(key, behind);
  }
  return { leaders: first, followers: following };
}
