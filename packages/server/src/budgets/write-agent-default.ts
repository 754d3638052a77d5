/** Stores the deployment's default limit of agents in the database for the reporting views. */
import { printUsd } from '@farthing/pricing';
import type { Database } from '../db/database.ts';

/** Stores the default limit this server was started with. An equal value is not written again. */
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
