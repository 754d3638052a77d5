/** The next events of a run, locked, as re-rating needs them. */
import type { UsageSegment } from '@farthing/pricing';
import type { Tx } from '../db/database.ts';
import { USUAL_TEXTS } from '../ledger/kept-as-null.ts';
import type { LedgerFacts } from '../ledger/rated-event.ts';
import type { UsageEvent } from '../ledger/usage-event.ts';
import { FACT_COLUMNS, type FactRow, storedFacts } from '../ledger/writing/stored-facts.ts';
import type { Chargeable } from '../record/rate-event.ts';
import type { Cursor } from './cursor.ts';
import { type RunRow, selected } from './store.ts';

/** A stored event with its present charge. */
export interface Charged {
  readonly id: string;
  readonly facts: LedgerFacts;
  readonly subject: Chargeable;
  /** The lines of the charge (`charge_of`), JSON text as Postgres prints it. */
  readonly charge: string;
}

interface Row extends FactRow {
  id: string;
  operation: UsageEvent['operation'];
  status: UsageEvent['status'];
  service_tier: UsageEvent['tier'];
  reported_cost: string | null;
  usage: {
    readonly segments: readonly UsageSegment[];
    readonly speed: UsageEvent['speed'];
    readonly region: string | null;
    readonly reported_cost_field?: string;
    readonly billed?: false;
  };
  charge: string;
}

/** Keys of the next `limit` events of a run, tenant by tenant: a batch never spans two of them. None: the run is through. */
export async function followingKeys(tx: Tx, run: RunRow, limit: number): Promise<readonly Cursor[]> {
  const { cursor_tenant: tenant, cursor_time: time, cursor_id: id } = run;
  if (tenant !== null && time !== null && id !== null) {
    const keys = await nextKeys(tx, run, tenant, { tenant, time, id }, limit);
    if (keys.length > 0) return keys;
  }
  const { rows } = await tx.query<{ id: string; events_from: Date | null }>(
    `select id, events_from from tenants where ($1::text is null or id = $1) and ($2::text is null or id collate "C" > $2)
      order by id collate "C"`,
    [run.tenant_id, tenant],
  );
  for (const row of rows) {
    // What lies below the watermark is going: its sums in the rollups are the record now.
    const watermark = row.events_from === null ? null : { tenant: row.id, time: row.events_from, id: '' };
    const keys = await nextKeys(tx, run, row.id, watermark, limit);
    if (keys.length > 0) return keys;
  }
  return [];
}

/** Of one tenant, after `after`; nothing is locked. */
async function nextKeys(
  tx: Tx,
  run: { readonly id: string; readonly unpriced_only: boolean },
  tenant: string,
  after: Cursor | null,
  limit: number,
): Promise<readonly Cursor[]> {
  const beyond =
    after === null
      ? 'true'
      : 'e.event_time >= $4::timestamptz and (e.event_time, e.id) > ($4::timestamptz, $5::text)';
  const { rows } = await tx.query<{ id: string; event_time: Date }>(
    `select e.id, e.event_time from rerating_runs r join usage_events e on e.tenant_id = $2
      where r.id = $1 and ${selected(run.unpriced_only)} and ${beyond} order by e.event_time, e.id limit $3`,
    after === null ? [run.id, tenant, limit] : [run.id, tenant, limit, after.time, after.id],
  );
  return rows.map((row) => ({ tenant, time: row.event_time, id: row.id }));
}

/** Reads events by key. With `lock` they cannot change until the transaction ends (their ids are locked, in order). */
export async function readCharged(
  tx: Tx,
  tenant: string,
  ids: readonly string[],
  lock: boolean,
): Promise<readonly Charged[]> {
  if (lock) {
    await tx.query(
      `select 1 from event_ids where tenant_id = $1 and id = any($2::text[])
        order by tenant_id collate "C", id collate "C" for update`,
      [tenant, [...ids]],
    );
  }
  const { rows } = await tx.query<Row>(
    `select ${FACT_COLUMNS}, e.id, ${USUAL_TEXTS.service_tier} as service_tier, e.reported_cost, usage_of(e) as usage, charge_of(e)::text as charge
       from event_ids ids
       join usage_events e on e.tenant_id = ids.tenant_id and e.event_time = ids.event_time and e.id = ids.id
      where ids.tenant_id = $1 and ids.id = any($2::text[])`,
    [tenant, [...ids]],
  );
  return rows.map(charged);
}

function charged(row: Row): Charged {
  const { usage } = row;
  return {
    id: row.id,
    charge: row.charge,
    facts: storedFacts(row),
    subject: {
      tenant: row.tenant_id,
      time: row.time_ms,
      provider: row.provider,
      model: row.model,
      operation: row.operation,
      status: row.status,
      tier: row.service_tier,
      speed: usage.speed,
      region: usage.region,
      segments: usage.segments,
      ...(usage.billed === false ? { billed: false } : {}),
      reportedCost:
        row.reported_cost === null
          ? null
          : { usd: row.reported_cost, field: usage.reported_cost_field ?? 'reported' },
    },
  };
}
