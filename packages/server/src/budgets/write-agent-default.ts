/** Keeps the deployment's limit of agents where the reporting views can see it. */
import { printUsd } from '@farthing/pricing';
import type { Database } from '../db/database.ts';

/** Writes down the limit this server was started with; other values are overwritten, the same one is left alone. */
export async function keepAgentDefault(db: Database, limitPicos: bigint): Promise<void> {
  await db.asOperator((tx) =>
    tx.query(
      `insert into agent_defaults (max_monthly_cost_usd) values ($1)
       on conflict (only_row) do update set max_monthly_cost_usd = excluded.max_monthly_cost_usd
       where agent_defaults.max_monthly_cost_usd <> excluded.max_monthly_cost_usd`,
      [printUsd(limitPicos)],
    ),
  );
}
