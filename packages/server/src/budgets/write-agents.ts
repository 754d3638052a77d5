/** Writes what was changed about an agent; `agent-registry.ts` decides whether anything changes, and audits it. */
import { printUsd } from '@farthing/pricing';
import type { Tx } from '../db/database.ts';
import type { Agent, SpendReset } from './agent.ts';

const AGENT = 'tenant_id = $1 and id = $2';
const keyOf = (agent: Agent) => [agent.tenant, agent.id];

/** Its own monthly limit; null goes back to the deployment's. */
export async function writeLimit(tx: Tx, agent: Agent, limitPicos: bigint | null): Promise<void> {
  const limit = limitPicos === null ? null : printUsd(limitPicos);
  await tx.query(`update agents set max_monthly_cost_usd = $3 where ${AGENT}`, [...keyOf(agent), limit]);
}

/** From when on a month's spend counts, and what it was then. */
export async function writeReset(tx: Tx, agent: Agent, reset: SpendReset): Promise<void> {
  await tx.query(
    `update agents set spend_reset_at = $3, spend_reset_month = $4, spend_reset_cost_usd = $5, spend_reset_requests = $6
      where ${AGENT}`,
    [...keyOf(agent), reset.at, reset.month, printUsd(reset.costPicos), reset.requests],
  );
}

/** Who changed it, and when. */
interface Change {
  readonly at: Date;
  readonly actor: string;
}

/** Pauses the agent, and keeps that it was. */
export async function writePause(
  tx: Tx,
  agent: Agent,
  pause: Change & { readonly reason: string | null },
): Promise<void> {
  await tx.query(
    `update agents set status = 'paused', paused_at = $3, paused_by = $4, pause_reason = $5 where ${AGENT}`,
    [...keyOf(agent), pause.at, pause.actor, pause.reason],
  );
  await insertPauseEvent(tx, agent, 'pause', pause);
}

/** Lets it go on, and keeps that it was. */
export async function writeUnpause(tx: Tx, agent: Agent, change: Change): Promise<void> {
  await tx.query(
    `update agents set status = 'active', paused_at = null, paused_by = null, pause_reason = null where ${AGENT}`,
    keyOf(agent),
  );
  await insertPauseEvent(tx, agent, 'unpause', { ...change, reason: null });
}

async function insertPauseEvent(
  tx: Tx,
  agent: Agent,
  action: 'pause' | 'unpause',
  { at, actor, reason }: Change & { readonly reason: string | null },
): Promise<void> {
  await tx.query(
    'insert into pause_events (tenant_id, agent_id, at, action, actor, reason) values ($1, $2, $3, $4, $5, $6)',
    [agent.tenant, agent.id, at, action, actor, reason],
  );
}
