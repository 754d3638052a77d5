/** What the ledger already holds under an id: enough to judge a newcomer and to take the old sums back out. */
import { parseUsd } from '@farthing/pricing';
import type { Tx } from '../db/database.ts';
import type { LedgerFacts } from './rated-event.ts';
import type { UsageEvent } from './usage-event.ts';

export interface StoredEvent {
  readonly id: string;
  /** SHA-256, hex. */
  readonly contentHash: string;
  readonly source: string;
  readonly facts: LedgerFacts;
  /** The `charge` column, JSON text. */
  readonly charge: string;
  readonly unpriced: readonly string[];
}

interface StoredRow {
  tenant_id: string;
  id: string;
  hash: string;
  time_ms: number;
  usage_source: string;
  provider: string;
  model: string;
  operation: string;
  status: string;
  project: string | null;
  agent: string | null;
  user_id: string | null;
  input_tokens: string;
  output_tokens: string;
  cache_read_tokens: string;
  cache_write_tokens: string;
  reasoning_tokens: string;
  input_cost: string;
  output_cost: string;
  other_cost: string;
  total_cost: string | null;
  charge_text: string;
  unpriced: string[];
}

/**
 * Reads what stands under the ids of `events`, sorted by tenant and id, and keeps it from changing until the
 * transaction ends (rows of `event_ids` are locked in that order).
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
      text: `select e.tenant_id, e.id, encode(ids.content_hash, 'hex') as hash,
                    (extract(epoch from e.event_time) * 1000)::float8 as time_ms, e.usage_source,
                    e.provider, e.model, e.operation, e.status, e.project, e.agent, e.user_id,
                    e.input_tokens, e.output_tokens, e.cache_read_tokens, e.cache_write_tokens, e.reasoning_tokens,
                    e.input_cost, e.output_cost, e.other_cost, e.total_cost, e.charge::text as charge_text,
                    array(select distinct line ->> 0 from jsonb_array_elements(e.charge) line
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
    facts: {
      tenant: row.tenant_id,
      time: row.time_ms,
      provider: row.provider,
      model: row.model,
      operation: row.operation,
      status: row.status,
      project: row.project,
      agent: row.agent,
      user: row.user_id,
      tokens: {
        input: Number(row.input_tokens),
        output: Number(row.output_tokens),
        cacheRead: Number(row.cache_read_tokens),
        cacheWrite: Number(row.cache_write_tokens),
        reasoning: Number(row.reasoning_tokens),
      },
      inputPicos: parseUsd(row.input_cost),
      outputPicos: parseUsd(row.output_cost),
      otherPicos: parseUsd(row.other_cost),
      totalPicos: row.total_cost === null ? null : parseUsd(row.total_cost),
    },
  };
}
