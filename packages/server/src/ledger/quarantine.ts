/** `quarantined_events`: acknowledged events that turned out not to fit. Visible with their reason, never dropped. */
import type { Tx } from '../db/database.ts';
import type { UsageEvent } from './usage-event.ts';

/** Keeps the event with its reason; the same content under the same id is kept once. */
export async function quarantine(tx: Tx, event: UsageEvent, reason: string): Promise<void> {
  await tx.query(
    {
      name: 'quarantine',
      text: `insert into quarantined_events (tenant_id, event_id, content_hash, reason, event)
             values ($1, $2, decode($3, 'hex'), $4, $5) on conflict do nothing`,
    },
    [event.tenant, event.id, event.contentHash, reason, JSON.stringify(event)],
  );
}
