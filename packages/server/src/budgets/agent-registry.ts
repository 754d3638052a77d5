/** Changes of an agent. Each is stored and audited in one transaction. */
import { AppError } from '@farthing/contract';
import { printUsd } from '@farthing/pricing';
import type { Database, Tx } from '../db/database.ts';
import { audit } from '../tenants/audit/write-audit.ts';
import type { Agent, MonthSpend } from './agent.ts';
import { findAgents } from './agent-rows.ts';
import { writeLimit, writePause, writeReset, writeUnpause } from './write-agents.ts';

/** One change. */
export type AgentChange =
  /** Sets its own monthly limit; null goes back to the deployment's. */
  | { readonly kind: 'limit'; readonly limitPicos: bigint | null }
  /** Lets this month's spend count from now on. */
  | { readonly kind: 'reset' }
  | { readonly kind: 'pause'; readonly reason: string | null }
  | { readonly kind: 'unpause' };

/** The agent, and the caller who changes it. */
export interface AgentTarget {
  /** Null: the tenant that has an agent of this name; for administrators only. */
  readonly tenant: string | null;
  readonly idOrName: string;
  /** For the audit log. */
  readonly actor: string;
}

export interface AgentRegistry {
  /**
   * Changes an agent and returns its new state. A change without effect (pausing a paused agent, setting the same
   * limit) is neither stored nor audited. Refuses an unknown agent (`not_found`) and a name that several tenants use
   * (`conflict`). Never creates an agent.
   */
  change(target: AgentTarget, change: AgentChange): Promise<Agent>;
}

export interface AgentRegistryOptions {
  readonly db: Database;
  /** Unix milliseconds. */
  readonly now: () => number;
  /** Reads the agent's spend of the month, inside the transaction of a reset. */
  readonly monthSpend: (tx: Tx, agent: Agent) => Promise<MonthSpend>;
}

/** The registry on Postgres. */
export function createAgentRegistry({ db, now, monthSpend }: AgentRegistryOptions): AgentRegistry {
  return {
    change: (target, change) =>
      db.asOperator(async (tx) => {
        const agent = only(await findAgents(tx, { ...target, lock: true }));
        const at = new Date(now());
        const particulars = await apply(tx, agent, { change, at, actor: target.actor, monthSpend });
        if (particulars === null) return agent;
        await audit(tx, {
          actor: target.actor,
          action: ACTIONS[change.kind],
          tenantId: agent.tenant,
          details: { agent: agent.name, agent_id: agent.id, ...particulars },
        });
        return only(await findAgents(tx, { tenant: agent.tenant, idOrName: agent.id }));
      }),
  };
}

const ACTIONS: { readonly [K in AgentChange['kind']]: string } = {
  limit: 'agent.set_limit',
  reset: 'agent.reset_spend',
  pause: 'agent.pause',
  unpause: 'agent.unpause',
};

function only(found: readonly Agent[]): Agent {
  const [agent, other] = found;
  if (agent === undefined) throw new AppError('not_found', 'There is no such agent.');
  if (other !== undefined) {
    throw new AppError('conflict', 'Several tenants have an agent of this name: say which with ?tenant=.');
  }
  return agent;
}

interface Applied {
  readonly change: AgentChange;
  readonly at: Date;
  readonly actor: string;
  readonly monthSpend: AgentRegistryOptions['monthSpend'];
}

type Particulars = Readonly<Record<string, string | number | null>>;

/** Writes the change; returns the details for the audit log, null if nothing changed. */
function apply(tx: Tx, agent: Agent, applied: Applied): Promise<Particulars | null> {
  const { change } = applied;
  switch (change.kind) {
    case 'limit':
      return setLimit(tx, agent, change.limitPicos);
    case 'reset':
      return resetSpend(tx, agent, applied);
    case 'pause':
      return pause(tx, agent, change.reason, applied);
    case 'unpause':
      return unpause(tx, agent, applied);
  }
}

async function setLimit(tx: Tx, agent: Agent, limitPicos: bigint | null): Promise<Particulars | null> {
  if (limitPicos === agent.ownLimitPicos) return null;
  await writeLimit(tx, agent, limitPicos);
  return { from_usd: usdOf(agent.ownLimitPicos), to_usd: usdOf(limitPicos) };
}

async function resetSpend(tx: Tx, agent: Agent, { at, monthSpend }: Applied): Promise<Particulars | null> {
  const { month, costPicos, requests } = await monthSpend(tx, agent);
  const before = agent.spendReset?.month === month ? agent.spendReset : { costPicos: 0n, requests: 0 };
  if (before.costPicos === costPicos && before.requests === requests) return null;
  await writeReset(tx, agent, { at, month, costPicos, requests });
  return { month: month.slice(0, 7), month_cost_usd: printUsd(costPicos), month_requests: requests };
}

async function pause(
  tx: Tx,
  agent: Agent,
  reason: string | null,
  { at, actor }: Applied,
): Promise<Particulars | null> {
  if (agent.status === 'paused') return null;
  await writePause(tx, agent, { at, actor, reason });
  return { reason };
}

async function unpause(tx: Tx, agent: Agent, { at, actor }: Applied): Promise<Particulars | null> {
  if (agent.status === 'active') return null;
  await writeUnpause(tx, agent, { at, actor });
  return {};
}

const usdOf = (picos: bigint | null): string | null => (picos === null ? null : printUsd(picos));
