/** Reads agents out of their table. Every statement names the tenants it may see. */
import { parseUsd } from '@farthing/pricing';
import type { Tx } from '../db/database.ts';
import type { Agent, AgentStatus } from './agent.ts';

interface AgentRow {
  readonly tenant_id: string;
  readonly id: string;
  readonly name: string;
  readonly max_monthly_cost_usd: string | null;
  readonly status: AgentStatus;
  readonly paused_at: Date | null;
  readonly paused_by: string | null;
  readonly pause_reason: string | null;
  readonly spend_reset_at: Date | null;
  readonly spend_reset_month: string | null;
  readonly spend_reset_cost_usd: string;
  readonly spend_reset_requests: string;
  readonly created_at: Date;
}

const COLUMNS = `tenant_id, id, name, max_monthly_cost_usd, status, paused_at, paused_by, pause_reason, spend_reset_at,
  spend_reset_month, spend_reset_cost_usd, spend_reset_requests, created_at`;

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** The last agent of the page before, in the order of tenant and name. */
export interface AgentPosition {
  readonly tenant: string;
  readonly name: string;
}

/** Agents of these tenants, ordered by tenant and name. */
export async function listAgents(
  tx: Tx,
  query: {
    readonly tenants: readonly string[];
    readonly after: AgentPosition | null;
    readonly limit: number;
  },
): Promise<Agent[]> {
  const { tenants, after, limit } = query;
  const { rows } = await tx.query<AgentRow>(
    `select ${COLUMNS} from agents
      where tenant_id = any($1::text[])
        and ($2::text is null or (tenant_id collate "C", name collate "C") > ($2::text collate "C", $3::text collate "C"))
      order by tenant_id collate "C", name collate "C" limit $4`,
    [tenants, after?.tenant ?? null, after?.name ?? null, limit],
  );
  return rows.map(toAgent);
}

/** Those of the named agents that are registered. */
export async function readAgents(tx: Tx, names: readonly AgentPosition[]): Promise<Agent[]> {
  const { rows } = await tx.query<AgentRow>(
    `select ${COLUMNS} from agents
      where (tenant_id, name) in (select * from unnest($1::text[], $2::text[]))`,
    [names.map(({ tenant }) => tenant), names.map(({ name }) => name)],
  );
  return rows.map(toAgent);
}

/**
 * Agents with this id or name, at most three. An id takes precedence over an equal name. With `lock` the rows are kept
 * from others until the transaction ends.
 */
export async function findAgents(
  tx: Tx,
  query: { readonly tenant: string | null; readonly idOrName: string; readonly lock?: boolean },
): Promise<Agent[]> {
  const { tenant, idOrName, lock = false } = query;
  const asId = UUID.test(idOrName) ? idOrName : null;
  const { rows } = await tx.query<AgentRow>(
    `select ${COLUMNS} from agents
      where ($1::text is null or tenant_id = $1) and (id = $2::uuid or name = $3)
      order by (id = $2::uuid) desc nulls last, tenant_id limit 3${lock ? ' for update' : ''}`,
    [tenant, asId, idOrName],
  );
  const byId = rows.filter((row) => row.id === asId?.toLowerCase());
  return (byId.length > 0 ? byId : rows).map(toAgent);
}

function toAgent(row: AgentRow): Agent {
  return {
    tenant: row.tenant_id,
    id: row.id,
    name: row.name,
    ownLimitPicos: row.max_monthly_cost_usd === null ? null : parseUsd(row.max_monthly_cost_usd),
    status: row.status,
    pausedAt: row.paused_at,
    pausedBy: row.paused_by,
    pauseReason: row.pause_reason,
    spendReset:
      row.spend_reset_at === null || row.spend_reset_month === null
        ? null
        : {
            at: row.spend_reset_at,
            month: row.spend_reset_month,
            costPicos: parseUsd(row.spend_reset_cost_usd),
            requests: Number(row.spend_reset_requests),
          },
    createdAt: row.created_at,
  };
}
