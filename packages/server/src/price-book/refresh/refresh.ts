/** Refreshes the installed book from the currently installed price table. Nothing is downloaded. */
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { BookData } from '@farthing/pricing';
import type { Database, Tx } from '../../db/database.ts';
import { type Confirmed, confirmedKinds, UnconfirmedError, unconfirmed } from '../changes/confirmation.ts';
import type { PriceChange } from '../changes/rate-changes.ts';
import { BASE_TABLE, compileTable, type PriceTable } from '../compile/compile-book.ts';
import type { RefusedModel } from '../compile/genai.ts';
import { readOwnPrices } from '../compile/own.ts';
import { readPrices } from '../store.ts';
import { addVersion, oneAtATime, readRefreshes, type VersionCounts } from '../version-store.ts';
import { BadTableError } from './read-table.ts';
import { planRefresh, type RefreshPlan } from './refresh-diff.ts';
import { refreshedData } from './refreshed-data.ts';

export interface RefreshRequest {
  /** From when changed prices hold, Unix milliseconds; -Infinity = always. Models that are new have theirs always. */
  readonly since: number | 'now';
  readonly confirmed: Confirmed;
  readonly dryRun: boolean;
  readonly actor: string;
}

export interface RefreshParts {
  readonly db: Database;
  /** The book of this release. */
  readonly installed: BookData;
  readonly readTable: () => Promise<PriceTable>;
  /** Unix milliseconds. */
  readonly now: () => number;
  /** The folder of our own price files. */
  readonly ownPrices?: string;
}

export interface Refreshed {
  /** Version of the book that the table compiles to. */
  readonly book: string;
  /** Version of the prices it was stored as; null where nothing was (a dry run, or nothing to change). */
  readonly version: string | null;
  readonly counts: VersionCounts;
  readonly changes: readonly PriceChange[];
}

/** `prices/` of this installation. */
const OWN_PRICES = fileURLToPath(new URL('../../../../../prices', import.meta.url));

/**
 * Compares the book of the installed table with the installed book and its refreshes, and stores the differences.
 * Throws {@link BadTableError} if the table is unusable and {@link UnconfirmedError} if a change needs a confirmation:
 * nothing is changed then. Runs one at a time across all processes.
 */
export async function refreshPrices(parts: RefreshParts, request: RefreshRequest): Promise<Refreshed> {
  const refused: RefusedModel[] = [];
  const next = compile(await parts.readTable(), refused, parts.ownPrices ?? OWN_PRICES);
  return parts.db.asOperator(async (tx) => {
    await oneAtATime(tx);
    const { refreshes } = await readPrices(tx);
    const current = refreshedData(parts.installed, await readRefreshes(tx, refreshes));
    // Read only now, under the lock: of two concurrent refreshes the second starts from the first one's result.
    const since = request.since === 'now' ? parts.now() : request.since;
    const plan = planRefresh({ current, next, refused, since });
    refuseHalf(plan, current);
    const found = { book: next.version, counts: plan.counts, changes: plan.changes };
    if (request.dryRun) return { ...found, version: null };
    const needs = unconfirmed(plan.changes, request.confirmed);
    if (Object.keys(needs).length > 0) throw new UnconfirmedError(plan.changes, needs);
    return { ...found, version: await store(tx, plan, next.version, request) };
  });
}

function compile(table: PriceTable, refused: RefusedModel[], folder: string): BookData {
  if (!existsSync(folder))
    throw new BadTableError(`The folder of our own prices is not part of this installation: ${folder}`);
  try {
    const report = { repairs: [], free: [], unknown: [] };
    return compileTable(table, readOwnPrices(folder), report, refused);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new BadTableError(`The price table ${table.version} cannot be compiled: ${why}`);
  }
}

/** A table that lost half of its models is broken; no confirmation overrides that. */
function refuseHalf({ counts, changes }: RefreshPlan, current: BookData): void {
  const models = current.providers.reduce((sum, provider) => sum + provider.models.length, 0);
  const unread = new Set(
    changes
      .filter(({ problem }) => problem === 'not_a_number' || problem === 'negative' || problem === 'unusable')
      .map(({ provider, model }) => `${provider}\0${model}`),
  ).size;
  if (counts.vanished + unread > models / 2) {
    throw new BadTableError(
      `Of ${models} models ${counts.vanished} are gone from the price table and ${unread} cannot be read.`,
    );
  }
}

async function store(
  tx: Tx,
  plan: RefreshPlan,
  book: string,
  { confirmed, actor }: RefreshRequest,
): Promise<string | null> {
  const { models, providers, sources, counts } = plan;
  if (models.length === 0 && providers.length === 0) return null;
  return addVersion(tx, {
    ...counts,
    ...{ kind: 'refresh', source: BASE_TABLE, book, actor },
    confirmed: confirmedKinds(plan.changes, confirmed),
    refreshed: { sources, providers, models },
  });
}
