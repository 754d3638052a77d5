/** The transaction of the write path: ids, events, first sights, sums. In this order, always. */
import type { Tx } from '../../db/database.ts';
import { chargeJson } from '../../ledger/charge-json.ts';
import { registerPatterns } from '../../ledger/explanation/write-patterns.ts';
import { costIn } from '../../ledger/measures.ts';
import { factsOf, type RatedEvent, unpricedMeters } from '../../ledger/rated-event.ts';
import type { RecordOutcome } from '../../ledger/usage-event.ts';
import { insertAdjustment } from '../../ledger/writing/adjustment-store.ts';
import { claimIds, moveIds } from '../../ledger/writing/event-id-store.ts';
import type { EventRow } from '../../ledger/writing/event-row.ts';
import { findStored, type StoredEvent } from '../../ledger/writing/find-stored-events.ts';
import { quarantine } from '../../ledger/writing/quarantine-store.ts';
import { createRowTypes } from '../../ledger/writing/read-row-types.ts';
import {
  createRegistrations,
  type FirstSights,
  type Registrations,
} from '../../ledger/writing/registration-store.ts';
import type { RowTypes } from '../../ledger/writing/row-types.ts';
import { insertEvents, replaceEvent } from '../../ledger/writing/write-events.ts';
import type { PriceBooks } from '../../price-book/installed-book.ts';
import { type ApplySums, createApplySums, type SumParts } from '../apply-sums.ts';
import { createTenantZones } from './tenant-zone-store.ts';
import { CONFLICT_MESSAGE, judge, type Version } from './verdict.ts';

/** A rated event, ready to be written. */
export interface Entry extends EventRow {
  readonly rated: RatedEvent;
  /** `eventKey` of the event. */
  readonly key: string;
}

/** The stored event of an id once the transaction is committed. */
export interface Standing extends Version {
  readonly costPicos: bigint | null;
  readonly unpriced: readonly string[];
}

export interface Verdict {
  readonly outcome: RecordOutcome;
  /** Null if no event is stored under the id (it was rejected). */
  readonly standing: Standing | null;
}

export interface CommitParts extends SumParts {
  readonly books: PriceBooks;
  readonly registrations: Registrations;
  readonly applySums: ApplySums;
}

/** The parts needed to write, made once per process: each has a cache. */
export function createCommitParts(books: PriceBooks): CommitParts {
  const sums: SumParts = { rowTypes: createRowTypes(), zones: createTenantZones() };
  return { books, registrations: createRegistrations(), ...sums, applySums: createApplySums(sums) };
}

export interface Committed {
  /** By entry key. */
  readonly verdicts: ReadonlyMap<string, Verdict>;
  /** To be remembered once the commit is certain. */
  readonly firstSights: FirstSights;
}

/**
 * Writes entries whose keys all differ. `onMisfit` is called inside the transaction for conflicts and unknown
 * tenants (replay puts them into quarantine with it).
 */
export async function commitEntries(
  tx: Tx,
  parts: CommitParts,
  entries: readonly Entry[],
  mode: 'live' | 'replay',
): Promise<Committed> {
  const types = await parts.rowTypes(tx);
  const zones = await parts.zones.of(
    tx,
    entries.map((entry) => entry.rated.event.tenant),
  );
  const verdicts = new Map<string, Verdict>();
  const homed: Entry[] = [];
  for (const entry of entries) {
    const { tenant, time } = entry.rated.event;
    if (!zones.has(tenant)) verdicts.set(entry.key, unknownTenant(entry));
    else if (time < (parts.zones.eventsFrom(tenant) ?? time)) verdicts.set(entry.key, pastRetention(entry));
    else homed.push(entry);
  }
  homed.sort((a, b) => (a.key < b.key ? -1 : 1));

  const claimed = await claimIds(
    tx,
    types.eventId,
    homed.map((entry) => entry.rated.event),
  );
  const fresh = claimed.size === homed.length ? homed : homed.filter((entry) => claimed.has(entry.key));
  const repeats = fresh === homed ? [] : homed.filter((entry) => !claimed.has(entry.key));
  const changes = await judgeRepeats(tx, repeats, verdicts);

  if (changes.length > 0) {
    // Locked all together, so that they are taken in one order.
    await registerPatterns(
      tx,
      [...fresh, ...changes.map(({ entry }) => entry)].flatMap(({ patterns }) => patterns),
    );
  }
  if (fresh.length > 0) {
    await insertEvents(tx, types.event, fresh);
  }
  for (const entry of fresh) verdicts.set(entry.key, written(entry, 'accepted'));
  await supersede(tx, types, changes);
  if (mode === 'replay') await quarantineMisfits(tx, entries, verdicts);

  const writing = [...fresh, ...changes.map((change) => change.entry)];
  const firstSights = await parts.registrations.write(
    tx,
    writing.map((entry) => entry.rated),
    parts.books.forTenant,
  );
  await parts.applySums(
    tx,
    [
      ...fresh.map(({ rated }) => ({ id: rated.event.id, before: null, after: factsOf(rated) })),
      ...changes.map(({ entry, old }) => ({ id: old.id, before: old.facts, after: factsOf(entry.rated) })),
    ],
    'recorded',
  );
  return { verdicts, firstSights };
}

interface Change {
  readonly entry: Entry;
  readonly old: StoredEvent;
}

/** Fills in the verdicts of entries whose id is taken and returns those that supersede what is stored. */
async function judgeRepeats(
  tx: Tx,
  repeats: readonly Entry[],
  verdicts: Map<string, Verdict>,
): Promise<Change[]> {
  if (repeats.length === 0) return [];
  const stored = new Map<string, StoredEvent>();
  const found = await findStored(
    tx,
    repeats.map((entry) => entry.rated.event),
  );
  for (const event of found) stored.set(`${event.facts.tenant}\0${event.id}`, event);
  const changes: Change[] = [];
  for (const entry of repeats) {
    const old = stored.get(entry.key);
    if (old === undefined) {
      verdicts.set(entry.key, { outcome: gone(entry), standing: null });
      continue;
    }
    const verdict = judge(old, entry.rated.event);
    if (verdict === 'superseded') {
      changes.push({ entry, old });
      verdicts.set(entry.key, written(entry, 'superseded'));
    } else {
      const standing: Standing = {
        contentHash: old.contentHash,
        source: old.source,
        costPicos: costIn(old.facts.amounts),
        unpriced: old.unpriced,
      };
      verdicts.set(entry.key, { outcome: standingOutcome(verdict, entry, standing), standing });
    }
  }
  return changes;
}

async function supersede(tx: Tx, types: RowTypes, changes: readonly Change[]): Promise<void> {
  if (changes.length === 0) return;
  await moveIds(
    tx,
    types.eventId,
    changes.map((change) => change.entry.rated.event),
  );
  for (const { entry, old } of changes) {
    const { event, charge } = entry.rated;
    await replaceEvent(tx, types.event, old.facts.time, entry);
    await insertAdjustment(tx, {
      tenant: event.tenant,
      eventId: event.id,
      eventTime: event.time,
      reason: 'superseded',
      actor: `door:${event.door}`,
      oldPicos: costIn(old.facts.amounts),
      newPicos: charge.totalPicos,
      oldCharge: old.charge,
      newCharge: chargeJson(charge.lines),
    });
  }
}

async function quarantineMisfits(
  tx: Tx,
  entries: readonly Entry[],
  verdicts: ReadonlyMap<string, Verdict>,
): Promise<void> {
  for (const entry of entries) {
    const outcome = verdicts.get(entry.key)?.outcome;
    if (outcome?.status === 'conflict' || outcome?.status === 'rejected') {
      await quarantine(tx, entry.rated.event, outcome.message);
    }
  }
}

/** The outcome of an event that meets `standing` under its id and does not change it. */
export function standingOutcome(
  verdict: 'duplicate' | 'conflict',
  entry: Entry,
  standing: Standing,
): RecordOutcome {
  const { id } = entry.rated.event;
  return verdict === 'duplicate'
    ? { status: 'duplicate', id, costPicos: standing.costPicos, unpriced: standing.unpriced }
    : { status: 'conflict', id, message: CONFLICT_MESSAGE };
}

function written(entry: Entry, status: 'accepted' | 'superseded'): Verdict {
  const { event, charge } = entry.rated;
  const costPicos = charge.totalPicos;
  const unpriced = unpricedMeters(charge);
  return {
    outcome: { status, id: event.id, costPicos, unpriced },
    standing: { contentHash: event.contentHash, source: event.source, costPicos, unpriced },
  };
}

function unknownTenant(entry: Entry): Verdict {
  const { id, tenant } = entry.rated.event;
  const message = `There is no tenant "${tenant}". Make it with "farthing tenants create" or POST /api/admin/tenants.`;
  return { outcome: { status: 'rejected', id, code: 'unknown_tenant', message }, standing: null };
}

/** Whether it was recorded before is unknown: its id may be deleted while its sums are still in the rollups. */
export function pastRetention(entry: Entry): Verdict {
  const { id } = entry.rated.event;
  const message =
    'The time of this event is past the retention of its tenant: events of that time have been let go of, their sums stay.';
  return { outcome: { status: 'rejected', id, code: 'past_retention', message }, standing: null };
}

function gone(entry: Entry): RecordOutcome {
  return {
    status: 'conflict',
    id: entry.rated.event.id,
    message: 'This id belongs to an event that is past its retention. Use a new id.',
  };
}
