/**
 * Reports the result of recording some lines without recording them, with the code of the write path and against the
 * same ledger.
 */
import type { UsageEventResult } from '@farthing/contract';
import type { Database, Log, Tx } from '../db/database.ts';
import { costIn } from '../ledger/measures.ts';
import { unpricedMeters } from '../ledger/rated-event.ts';
import type { RecordOutcome, UsageEvent } from '../ledger/usage-event.ts';
import { findStored } from '../ledger/writing/find-stored-events.ts';
import { installedBook } from '../price-book/installed-book.ts';
import { openLiveBooks } from '../price-book/live-books.ts';
import { baseBook, type InstalledPrices } from '../price-book/make-books.ts';
import { type Entry, pastRetention, type Standing, standingOutcome } from '../record/commit/commit.ts';
import { createPrepare, type Prepare } from '../record/commit/entry.ts';
import { createTenantZones } from '../record/commit/tenant-zone-store.ts';
import { judge } from '../record/commit/verdict.ts';
import type { ChargingTerms } from '../record/rate-event.ts';
import { makeIdentity } from '../tenants/identity.ts';
import { createKnownTenants } from '../tenants/known-tenants.ts';
import { createTenantStore } from '../tenants/store.ts';
import { DEFAULT_TENANT } from '../tenants/tenant.ts';
import { createIngest, type IngestRequest } from './ingest.ts';

export interface DryRunOptions {
  /** The ledger the lines would go to: an existing one, one not yet created, or one this process cannot read. */
  readonly ledger: Database | 'new' | 'elsewhere';
  readonly prices: InstalledPrices;
  readonly terms: ChargingTerms;
  /** False: everything is checked and nothing would be kept (`FF_COST_TRACKING=false`). */
  readonly enabled: boolean;
  readonly log: Log;
  /** Unix milliseconds. */
  readonly now: () => number;
}

/** Lines of one kind, as `POST /api/usage/events` takes them from an administrator. */
export type DryLines = Pick<IngestRequest, 'body' | 'format' | 'defaults'>;

export interface DryRun {
  /**
   * The answers the lines would get, in order. Lines of earlier calls count as recorded, so every id is kept: some 300
   * bytes each.
   *
   * @throws AppError when the lines as a whole cannot be read
   */
  answer(lines: DryLines): Promise<readonly UsageEventResult[]>;
  close(): Promise<void>;
}

/** @example const { accepted } = await (await openDryRun(options)).answer({ body, format: 'events', defaults: {} }) */
export async function openDryRun(options: DryRunOptions): Promise<DryRun> {
  const { ledger, prices, terms, enabled, log, now } = options;
  const db = typeof ledger === 'string' ? null : ledger;
  const books = db === null ? null : await openLiveBooks({ db, installed: prices, log });
  const prepare = createPrepare(books ?? installedBook(baseBook(prices, prices.data).book), terms);
  const known = db === null ? null : createKnownTenants(createTenantStore(db));
  const ingest = createIngest({
    recorder: { record: createJudge(db, prepare) },
    tenantExists: async (id) =>
      ledger === 'elsewhere' || id === DEFAULT_TENANT || (known !== null && (await known.exists(id))),
    enabled,
    onSurprise: (error) => log.error({ err: error }, 'An item could not be read'),
  });
  const identity = makeIdentity({ keyId: 'dry run', role: 'admin', tenantId: null, kind: 'command line' });
  return {
    answer: async (lines) =>
      (await ingest.ingest({ ...lines, ndjson: true, door: 'import', identity, now: now() })).results,
    close: async () => books?.close(),
  };
}

/** A recorder that decides and keeps nothing but its decisions. */
function createJudge(db: Database | null, prepare: Prepare) {
  const standing = new Map<string, Standing>();
  const zones = createTenantZones();

  async function lookUp(tx: Tx, entries: readonly Entry[]): Promise<void> {
    const events = entries.map(({ rated }) => rated.event);
    await zones.of(
      tx,
      events.map(({ tenant }) => tenant),
    );
    for (const { id, facts, contentHash, source, unpriced } of await findStored(tx, sorted(events))) {
      standing.set(`${facts.tenant}\0${id}`, {
        contentHash,
        source,
        costPicos: costIn(facts.amounts),
        unpriced,
      });
    }
  }

  function decide(entry: Entry): RecordOutcome {
    const { event, charge } = entry.rated;
    const from = zones.eventsFrom(event.tenant);
    if (from !== null && event.time < from) return pastRetention(entry).outcome;
    const before = standing.get(entry.key);
    const verdict = before === undefined ? 'accepted' : judge(before, event);
    if (before !== undefined && (verdict === 'duplicate' || verdict === 'conflict')) {
      return standingOutcome(verdict, entry, before);
    }
    const costPicos = charge.totalPicos;
    const unpriced = unpricedMeters(charge);
    const { contentHash, source } = event;
    standing.set(entry.key, { contentHash, source, costPicos, unpriced });
    return { status: verdict === 'superseded' ? verdict : 'accepted', id: event.id, costPicos, unpriced };
  }

  return async (events: readonly UsageEvent[]): Promise<readonly RecordOutcome[]> => {
    const prepared = events.map(prepare);
    const unseen = prepared.flatMap(({ entry }) =>
      entry === null || standing.has(entry.key) ? [] : [entry],
    );
    if (db !== null && unseen.length > 0) await db.asWriter((tx) => lookUp(tx, unseen));
    return prepared.map(({ entry, rejected }) => (entry === null ? rejected : decide(entry)));
  };
}

/** In the order in which the ledger locks ids. */
const sorted = (events: readonly UsageEvent[]): UsageEvent[] =>
  [...events].sort((a, b) => (`${a.tenant}\0${a.id}` < `${b.tenant}\0${b.id}` ? -1 : 1));
