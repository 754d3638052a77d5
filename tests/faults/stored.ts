/** Where events ended up. */
import type { Database } from '../../packages/server/src/db/database.ts';
import type { UsageEvent } from '../../packages/server/src/ledger/usage-event.ts';

export interface Whereabouts {
  /** By id, how often it is in the ledger. */
  readonly stored: ReadonlyMap<string, number>;
  /** By id, the reasons with which it is in quarantine. */
  readonly quarantined: ReadonlyMap<string, readonly string[]>;
}

/** Looks for all events of the database. */
export async function whereabouts(database: Database): Promise<Whereabouts> {
  return database.asOperator(async (tx) => {
    const events = await tx.query<{ id: string; n: number }>(
      'select id, count(*)::int as n from usage_events group by id',
    );
    const aside = await tx.query<{ id: string; reasons: string[] }>(
      'select event_id as id, array_agg(reason) as reasons from quarantined_events group by event_id',
    );
    return {
      stored: new Map(events.rows.map((row) => [row.id, row.n])),
      quarantined: new Map(aside.rows.map((row) => [row.id, row.reasons])),
    };
  });
}

/** How often each event is stored, in order: `[1, 1, 1]` is what a ledger should say. */
export async function timesStored(database: Database, events: readonly UsageEvent[]): Promise<number[]> {
  const { stored } = await whereabouts(database);
  return events.map(({ id }) => stored.get(id) ?? 0);
}
