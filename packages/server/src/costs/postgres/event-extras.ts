/** Fields of events that exports have and the event list has not. */
import type { Tx } from '../../db/database.ts';
import { ofTable, storedSql, USUAL_TEXTS } from '../../ledger/kept-as-null.ts';
import { STORED_MEASURES } from '../../ledger/measures.ts';
import type { EventKey } from '../cost-store.ts';
import type { EventExtras } from '../event-extras.ts';

const ofEvent = ofTable('e');

/** The extras as SQL over `usage_events e`, with its usage as `said`. */
const EXTRA_COLUMNS = `e.api_key_id, e.trace_id, e.span_id, e.response_id, ${USUAL_TEXTS.service_tier} as service_tier,
  said ->> 'speed' as speed, said ->> 'region' as region, price_version_of(e) as price_version,
  ${STORED_MEASURES.map(({ column }) => `${storedSql(column, ofEvent)} as ${column}`).join(', ')}`;

/** One entry per event; null for an event erased meanwhile. */
export async function readEventExtras(
  tx: Tx,
  events: readonly EventKey[],
): Promise<readonly (EventExtras | null)[]> {
  if (events.length === 0) return [];
  const { rows } = await tx.query<EventExtras & { readonly position: number }>(
    // Looked up one by one: a plan that reads all ids for a thousand of them is never the better one for long.
    `select wanted.position::int as position, e.*
       from unnest($1::text[], $2::text[]) with ordinality as wanted (tenant_id, id, position)
      cross join lateral (
        select ids.event_time from event_ids ids
         where ids.tenant_id = wanted.tenant_id and ids.id = wanted.id offset 0) ids
      cross join lateral (
        select ${EXTRA_COLUMNS} from usage_events e cross join lateral usage_of(e) said
         where e.tenant_id = wanted.tenant_id and e.event_time = ids.event_time and e.id = wanted.id offset 0) e`,
    [events.map((event) => event.tenant), events.map((event) => event.id)],
  );
  const extras = new Map(rows.map((row) => [row.position - 1, row]));
  return events.map((_, index) => extras.get(index) ?? null);
}
