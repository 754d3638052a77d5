/**
 * A batch that the database gave up on, while it answers others, holds something that is too much for it. It is committed
 * in ever smaller parts until each culprit is alone; its other events are in the ledger long before.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { WriteBounds } from '../../db/database.ts';
import type { UsageEvent } from '../../ledger/usage-event.ts';
import type { Entry, Verdict } from '../commit/commit.ts';
import { givenUp } from '../commit/entry.ts';
import { isBrokenConnection, isUnreachable, storeFault } from '../commit/store-faults.ts';

/** How often an event is tried alone before it counts as unstorable. */
export const TRIES_ALONE = 3;
const PAUSE_MS = 100;
/** After this many parts that meet a missing table or right, with none that passes, no part is expected to pass. */
const MOST_DEFECTS = 8;
/** Most parts of one step: quarters of one source, or sources by themselves. */
const PARTS = 4;
const SOURCES = 16;
/** Time limit for a batch; undecided events are then kept on disk and retried behind everything else. */
const LONGEST_MS = 45_000;

export interface ApartOptions {
  readonly commit: (entries: readonly Entry[], bounds: WriteBounds) => Promise<ReadonlyMap<string, Verdict>>;
  /** Whether the database accepts an unrelated write now. */
  readonly answers: () => Promise<boolean>;
  /** Events written so far: an event is the cause only if it fails while others are written. */
  readonly written: () => number;
  /** Errors that do not end the retries: the caller waits in `answers` for the database to come back. None if absent. */
  readonly outlasts?: (error: unknown) => boolean;
  /** Of parts of a batch, and of an event that is tried alone. */
  readonly bounds: { readonly part: WriteBounds; readonly alone: WriteBounds };
  /** As soon as a part is decided. */
  readonly onVerdicts: (entries: readonly Entry[], verdicts: ReadonlyMap<string, Verdict>) => void;
  /** The batch failed, and all that is left of it came from here. */
  readonly onSuspect: (event: UsageEvent, error: unknown) => void;
  readonly signal: AbortSignal;
}

/** Entries without a verdict, and the reason. */
export interface Undecided {
  readonly entries: readonly Entry[];
  /**
   * `later`: locked by others, or no other event was written either, or time ran out. `away`: nothing can be written
   * now. `fault`: a table, a column or a right is missing.
   */
  readonly why: 'later' | 'away' | 'fault';
  readonly error: unknown;
  /** Each was tried alone as often as any is. */
  readonly tried: boolean;
}

interface Part {
  readonly entries: readonly Entry[];
  readonly tries: number;
}

/** Decides what can be decided; never rejects. `first` is what the database said to the whole batch. */
export async function commitApart(
  entries: readonly Entry[],
  first: unknown,
  options: ApartOptions,
): Promise<Undecided[]> {
  const { signal, onVerdicts, written } = options;
  const until = performance.now() + LONGEST_MS;
  const before = written();
  const parts: Part[] = entries.length === 1 ? [{ entries, tries: 1 }] : split(entries);
  const left = new Leftovers();
  let lastError = first;
  let defects = 0;
  tellSource(entries, first, options);
  for (let part = parts.shift(); part !== undefined; part = parts.shift()) {
    if (signal.aborted || performance.now() > until) {
      left.add('later', [...part.entries, ...rest(parts)], lastError, false);
      break;
    }
    const error = await decide(part, options);
    if (error === null) continue;
    lastError = error;
    defects += storeFault(error) === 'fault' ? 1 : 0;
    const everywhere = defects >= MOST_DEFECTS && written() === before;
    const why = everywhere ? 'fault' : await reasonToStop(error, options);
    if (why !== null) {
      left.add(why, [...part.entries, ...rest(parts)], error, false);
      break;
    }
    tellSource(part.entries, error, options);
    const [only] = part.entries;
    if (part.entries.length > 1 || only === undefined) parts.push(...split(part.entries));
    else if (storeFault(error) === 'fault') left.add('fault', [only], error, true);
    else if (part.tries + 1 < TRIES_ALONE) {
      await sleep(PAUSE_MS, undefined, { signal }).catch(() => undefined);
      parts.push({ entries: part.entries, tries: part.tries + 1 });
    } else if (provesNothing(error) || written() === before) left.add('later', [only], error, true);
    else onVerdicts([only], new Map([[only.key, refusal(only, error)]]));
  }
  return left.all;
}

class Leftovers {
  readonly all: Undecided[] = [];

  add(why: Undecided['why'], entries: readonly Entry[], error: unknown, tried: boolean): void {
    this.all.push({ entries, why, error, tried });
  }
}

/** The database's error; null if the part is committed. */
async function decide(part: Part, { commit, bounds, onVerdicts }: ApartOptions): Promise<unknown> {
  try {
    onVerdicts(
      part.entries,
      await commit(part.entries, part.entries.length === 1 ? bounds.alone : bounds.part),
    );
    return null;
  } catch (error) {
    return error ?? new Error('The transaction failed.');
  }
}

async function reasonToStop(
  error: unknown,
  { answers, outlasts = () => false }: ApartOptions,
): Promise<'away' | 'fault' | null> {
  if (storeFault(error) === 'away' && !outlasts(error)) return 'away';
  try {
    return (await answers()) ? null : 'away';
  } catch {
    return 'fault';
  }
}

/** Others hold what it needs: no fault of the event, however often it is tried. */
function isInTheWay(error: unknown): boolean {
  const fault = storeFault(error);
  return fault === 'blocked' || fault === 'contention';
}

/** A network that breaks connections breaks them under anything. */
function provesNothing(error: unknown): boolean {
  return isInTheWay(error) || isBrokenConnection(error) || isUnreachable(error);
}

function tellSource(entries: readonly Entry[], error: unknown, { onSuspect }: ApartOptions): void {
  const [one] = entries;
  if (one === undefined || isInTheWay(error)) return;
  const source = sourceOf(one);
  if (entries.every((entry) => sourceOf(entry) === source)) onSuspect(one.rated.event, error);
}

const rest = (parts: readonly Part[]): Entry[] => parts.flatMap((part) => part.entries);
const refusal = ({ rated }: Entry, error: unknown): Verdict => ({
  outcome: givenUp(rated.event, error),
  standing: null,
});

/**
 * By source first: senders of good events should not wait for a bad one. Then by weight, since size is the usual cause.
 */
function split(entries: readonly Entry[]): Part[] {
  const sources = new Map<string, Entry[]>();
  for (const entry of entries) {
    const source = sourceOf(entry);
    const same = sources.get(source);
    if (same === undefined) sources.set(source, [entry]);
    else same.push(entry);
  }
  if (sources.size > 1) {
    const groups = [...sources.values()];
    return cut(groups, SOURCES).map((some) => ({ entries: some.flat(), tries: 0 }));
  }
  const byWeight = entries.toSorted((a, b) => a.row.length - b.row.length);
  return cut(byWeight, PARTS).map((some) => ({ entries: some, tries: 0 }));
}

/** In at most `most` parts of one length. */
function cut<Item>(items: readonly Item[], most: number): Item[][] {
  const size = Math.ceil(items.length / most);
  const parts: Item[][] = [];
  for (let from = 0; from < items.length; from += size) parts.push(items.slice(from, from + size));
  return parts;
}

const sourceOf = ({ rated: { event } }: Entry): string =>
  `${event.tenant}\0${event.attribution.apiKeyId ?? ''}`;
