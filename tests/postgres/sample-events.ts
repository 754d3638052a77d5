/** Plain rows for tests of the ground below the ledger, which know nothing of recording. */
import type { Tx } from '../../packages/server/src/db/database.ts';

/** Inserts one priced event and its id row; its partition must exist. */
export async function insertEvent(
  tx: Tx,
  event: {
    readonly tenant: string;
    readonly id: string;
    readonly time: string;
    readonly cost: string | null;
  },
): Promise<void> {
  const values = [event.tenant, event.id, event.time];
  await tx.query(
    `insert into event_ids (tenant_id, id, event_time, content_hash) values ($1, $2, $3, '\\x00')`,
    values,
  );
  await tx.query(
    `insert into usage_events (tenant_id, id, event_time, door, provider, model, operation, status, service_tier,
       input_tokens, output_tokens, cache_read_tokens, cache_write_tokens, reasoning_tokens,
       input_cost, output_cost, other_cost, total_cost, usage_source, usage, charge, price_version, tags)
     values ($1, $2, $3, 'api', 'openai', 'gpt-4o', 'chat', 'ok', 'standard', 10, 5, 0, 0, 0, 0, 0, 0, $4, 'reported',
       '{}', '[]', 'test', '{"note": "tab\\\\tline\\\\nend — ü"}')`,
    [...values, event.cost],
  );
}
