/**
 * A batch that the database gave up on, while it answers others, holds something that is too much for it. It is committed
 * in ever smaller parts until the culprits stand alone; its other events are in the ledger long before.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { WriteBounds } from '../db/database.ts';
import type { UsageEvent } from '../ledger/usage-event.ts';
import type { Entry, Verdict } from './commit.ts';
import { givenUp } from './entry.ts';
import { storeFault } from './store-faults.ts';

/** How often an event is tried alone before it counts as unstorable. */
export const TRIES_ALONE = 3;
const PAUSE_MS = 100;
/** Most parts of one step: quarters of one source, or sources by themselves. */
const PARTS = 4;
const SOURCES = 16;
/** A batch gets so long; what is undecided then is kept on disk and tried again behind everything else. */
const LONGEST_MS = 45_000;

export interface ApartOptions {
  readonly commit: (entries: readonly Entry[], bounds: WriteBounds) => Promise<ReadonlyMap<string, Verdict>>;
  /** Whether the database answers somebody else now. */
  readonly answers: () => Promise<boolean>;
  /** Errors that do not end it: the caller waits in `answers` for the database to come back. None where absent. */
  readonly outlasts?: (error: unknown) => boolean;
  /** Of parts of a batch, and of an event that is tried alone. */
  readonly bounds: { readonly part: WriteBounds; readonly alone: WriteBounds };
  /** As soon as a part is decided. */
  readonly onVerdicts: (entries: readonly Entry[], verdicts: ReadonlyMap<string, Verdict>) => void;
  /** The batch failed, and all that is left of it came from here. */
  readonly onSuspect: (event: UsageEvent, error: unknown) => void;
  readonly signal: AbortSignal;
}

/** What has no verdict, and why. */
export interface Undecided {
  readonly entries: readonly Entry[];
  /** `later`: locked by others, or there was no time left. `away`, `fault`: as {@link storeFault} says. */
  readonly why: 'later' | 'away' | 'fault';
  readonly error: unknown;
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
  const { signal, onVerdicts } = options;
  const until = performance.now() + LONGEST_MS;
  const parts: Part[] = entries.length === 1 ? [{ entries, tries: 1 }] : split(entries);
  const later: Entry[] = [];
  let lastError = first;
  while (parts.length > 0) {
    if (signal.aborted || performance.now() > until) break;
    const part = parts.shift();
    if (part === undefined) break;
    const error = await decide(part, options);
    if (error === null) continue;
    lastError = error;
    const why = await reasonToStop(error, options);
    if (why !== null) {
      const left = [...part.entries, ...rest(parts)];
      return [{ entries: left, why, error }, ...(later.length > 0 ? [postponed(later, error)] : [])];
    }
    tellSource(part, error, options);
    const [only] = part.entries;
    if (part.entries.length > 1 || only === undefined) parts.push(...split(part.entries));
    else if (part.tries + 1 < TRIES_ALONE) {
      await sleep(PAUSE_MS, undefined, { signal }).catch(() => undefined);
      parts.push({ entries: part.entries, tries: part.tries + 1 });
    } else if (isInTheWay(error)) later.push(only);
    else onVerdicts([only], new Map([[only.key, refusal(only, error)]]));
  }
  const left = [...later, ...rest(parts)];
  return left.length === 0 ? [] : [postponed(left, lastError)];
}

/** What the database said; null where the part is committed. */
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
  const fault = storeFault(error);
  if (fault === 'fault' || (fault === 'away' && !outlasts(error))) return fault;
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

function tellSource({ entries }: Part, error: unknown, { onSuspect }: ApartOptions): void {
  const [one] = entries;
  if (one === undefined || isInTheWay(error)) return;
  const source = sourceOf(one);
  if (entries.every((entry) => sourceOf(entry) === source)) onSuspect(one.rated.event, error);
}

const rest = (parts: readonly Part[]): Entry[] => parts.flatMap((part) => part.entries);
const postponed = (entries: readonly Entry[], error: unknown): Undecided => ({
  entries,
  why: 'later',
  error,
});
const refusal = ({ rated }: Entry, error: unknown): Verdict => ({
  outcome: givenUp(rated.event, TRIES_ALONE, error),
  standing: null,
});

/** By source first: who sent nothing bad should not wait for the rest. Then by weight, since that is mostly what is wrong. */
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
