/** The event already stored under an id: enough to judge a new one and to subtract the old one's sums. */
import type { Tx } from '../../db/database.ts';
import { USUAL_TEXTS } from '../kept-as-null.ts';
import type { LedgerFacts } from '../rated-event.ts';
import type { UsageEvent } from '../usage-event.ts';
import { FACT_COLUMNS, type FactRow, storedFacts } from './stored-facts.ts';

export interface StoredEvent {
  readonly id: string;
  /** SHA-256, hex: its beginning, or all of it where an older release wrote it. */
  readonly contentHash: string;
  readonly source: string;
  readonly facts: LedgerFacts;
  /** The lines of the charge (`charge_of`), JSON text. */
  readonly charge: string;
  readonly unpriced: readonly string[];
}

interface StoredRow extends FactRow {
  readonly id: string;
  readonly hash: string;
  readonly usage_source: string;
  readonly charge_text: string;
  readonly unpriced: string[];
}

/**
 * Reads the stored events with the ids of `events`, sorted by tenant and id, and locks them until the transaction ends
 * (rows of `event_ids` are locked in that order).
 */
export async function findStored(tx: Tx, events: readonly UsageEvent[]): Promise<StoredEvent[]> {
  const keys = [events.map((event) => event.tenant), events.map((event) => event.id)];
  await tx.query(
    {
      name: 'lock_ids',
      text: `select 1 from event_ids where (tenant_id, id) in (select * from unnest($1::text[], $2::text[]))
             order by tenant_id collate "C", id collate "C" for update`,
    },
    keys,
  );
  const { rows } = await tx.query<StoredRow>(
    {
      name: 'find_stored',
      text: `select ${FACT_COLUMNS}, e.id, encode(ids.content_hash, 'hex') as hash,
                    ${USUAL_TEXTS.usage_source} as usage_source,
                    charge_of(e)::text as charge_text,
                    array(select distinct line ->> 0 from jsonb_array_elements(charge_of(e)) line
                           where line ->> 4 is null and e.total_cost is null) as unpriced
               from unnest($1::text[], $2::text[]) as wanted(tenant_id, id)
               join event_ids ids on ids.tenant_id = wanted.tenant_id and ids.id = wanted.id
               join usage_events e on e.tenant_id = ids.tenant_id and e.event_time = ids.event_time and e.id = ids.id`,
    },
    keys,
  );
  return rows.map(storedEvent);
}

function storedEvent(row: StoredRow): StoredEvent {
  return {
    id: row.id,
    contentHash: row.hash,
    source: row.usage_source,
    charge: row.charge_text,
    unpriced: row.unpriced,
    facts: storedFacts(row),
  };
}
