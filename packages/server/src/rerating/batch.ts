/** One step of a run: one transaction that changes some events, their sums and the run's cursor together, or nothing. */
import type { Database, Tx } from '../db/database.ts';
import { createRowTypes } from '../ledger/row-types.ts';
import type { PriceBooks } from '../price-book/installed-book.ts';
import type { ChargingTerms } from '../record/rate-event.ts';
import { createTenantZones } from '../record/tenant-zones.ts';
import { aggregate, type Contribution } from '../rollups/aggregate.ts';
import { createLocalDay } from '../rollups/calendar.ts';
import { addToRollups } from '../rollups/store.ts';
import { type Change, changesOf } from './changes.ts';
import { type Cursor, nextKeys, readCharged } from './read-batch.ts';
import { writeChanges, writeDifferences } from './write-changes.ts';

export interface StepResult {
  /** `busy`: another process is at it. `ended`: the run is over (finished, cancelled or gone). */
  readonly state: 'more' | 'busy' | 'ended';
  readonly changed: number;
  /** How long rows were locked, milliseconds; the commit not counted. */
  readonly lockedMs: number;
}

/**
 * Every batch reads a few rows by key. Without fresh statistics (a month that is just being filled) the planner would
 * rather read and sort all that is left, for each batch anew.
 */
const ALONG_INDEXES = `select set_config('enable_sort', 'off', true), set_config('enable_bitmapscan', 'off', true),
  set_config('enable_seqscan', 'off', true)`;

/**
 * Does up to `limit` events of the run. With a `budgetMs` the transaction is given up, and nothing of it happened, once
 * rows were locked for that long: {@link TooLong}, or a cancelled statement. Then try fewer.
 */
export type Step = (run: string, limit: number, budgetMs: number | null) => Promise<StepResult>;

/** Rows were locked for longer than they may be; the transaction was rolled back. */
export class TooLong extends Error {
  override readonly name = 'TooLong';
}

interface RunRow {
  id: string;
  dry_run: boolean;
  unpriced_only: boolean;
  reason: string;
  created_by: string;
  tenant_id: string | null;
  cursor_tenant: string | null;
  cursor_time: Date | null;
  cursor_id: string | null;
}

export interface StepParts {
  readonly db: Database;
  readonly books: PriceBooks;
  readonly terms: ChargingTerms;
  /** Unix milliseconds. */
  readonly now: () => number;
}

export function createStep({ db, books, terms, now }: StepParts): Step {
  const rowTypes = createRowTypes();
  const zones = createTenantZones(now);
  const localDay = createLocalDay();

  /** In the order of the write path: ids, events, cards, rollups. */
  async function apply(tx: Tx, run: RunRow, changes: readonly Change[], watch: Watch): Promise<void> {
    if (changes.length === 0) return;
    await writeChanges(tx, run, changes, books, watch.check);
    const zoneOf = await zones.of(
      tx,
      changes.map(({ facts }) => facts.tenant),
    );
    const contributions = changes.flatMap(({ old, facts }): Contribution[] => [
      { facts: old.facts, sign: -1 },
      { facts, sign: 1 },
    ]);
    const deltas = aggregate(contributions, (tenant) => zoneOf.get(tenant) ?? 'UTC', localDay);
    const types = await rowTypes(tx);
    await watch.bound(tx, 2);
    await addToRollups(tx, types, deltas);
  }

  return (id, limit, budgetMs) =>
    db.asWriter(async (tx) => {
      const { rows } = await tx.query<RunRow>(
        `select id::text, dry_run, unpriced_only, reason, created_by, tenant_id, cursor_tenant, cursor_time, cursor_id
           from rerating_runs where id = $1 and status = 'running' for update skip locked`,
        [id],
      );
      await tx.query(ALONG_INDEXES);
      const [run] = rows;
      if (run === undefined) return { state: await stateOf(tx, id), changed: 0, lockedMs: 0 };
      const keys = await following(tx, run, limit);
      const last = keys.at(-1);
      if (last === undefined) {
        await tx.query("update rerating_runs set status = 'done', finished_at = now() where id = $1", [id]);
        return { state: 'ended', changed: 0, lockedMs: 0 };
      }
      const began = performance.now();
      const watch = createWatch(began, run.dry_run ? null : budgetMs);
      await watch.bound(tx, 1);
      const events = await readCharged(
        tx,
        last.tenant,
        keys.map((key) => key.id),
        !run.dry_run,
      );
      watch.check();
      const changes = changesOf(events, books, terms);
      if (!run.dry_run) await apply(tx, run, changes, watch);
      await writeDifferences(tx, id, changes);
      await tx.query(
        `update rerating_runs set cursor_tenant = $2, cursor_time = $3, cursor_id = $4, scanned = scanned + $5,
                changed = changed + $6, longest_ms = greatest(longest_ms, $7) where id = $1`,
        [
          id,
          last.tenant,
          last.time,
          last.id,
          keys.length,
          changes.length,
          Math.ceil(performance.now() - began),
        ],
      );
      return { state: 'more', changed: changes.length, lockedMs: performance.now() - began };
    });
}

interface Watch {
  /** Throws {@link TooLong} past the budget. */
  check(): void;
  /** Lets the next statements, so many of them, take no longer than what is left. */
  bound(tx: Tx, statements: number): Promise<void>;
}

function createWatch(began: number, budgetMs: number | null): Watch {
  if (budgetMs === null) return { check: () => undefined, bound: async () => undefined };
  const left = () => budgetMs - (performance.now() - began);
  const check = () => {
    if (left() < budgetMs / 4) throw new TooLong('A batch locked rows for too long.');
  };
  return {
    check,
    async bound(tx, statements) {
      check();
      const ms = String(Math.max(1, Math.floor(left() / statements)));
      await tx.query("select set_config('statement_timeout', $1, true)", [ms]);
    },
  };
}

async function stateOf(tx: Tx, id: string): Promise<'busy' | 'ended'> {
  const { rows } = await tx.query("select 1 from rerating_runs where id = $1 and status = 'running'", [id]);
  return rows.length === 0 ? 'ended' : 'busy';
}

/** The next keys, tenant by tenant; a batch never spans two of them. */
async function following(tx: Tx, run: RunRow, limit: number): Promise<readonly Cursor[]> {
  const { cursor_tenant: tenant, cursor_time: time, cursor_id: id } = run;
  if (tenant !== null && time !== null && id !== null) {
    const keys = await nextKeys(tx, run, tenant, { tenant, time, id }, limit);
    if (keys.length > 0) return keys;
  }
  const { rows } = await tx.query<{ id: string }>(
    `select id from tenants where ($1::text is null or id = $1) and ($2::text is null or id collate "C" > $2)
      order by id collate "C"`,
    [run.tenant_id, tenant],
  );
  for (const row of rows) {
    const keys = await nextKeys(tx, run, row.id, null, limit);
    if (keys.length > 0) return keys;
  }
  return [];
}
