/** Agents page by page, each with its spend of the month. */
import { z } from 'zod';
import { listAgents } from '../budgets/agent-rows.ts';
import type { ReadScope } from '../costs/scope.ts';
import { cursorInput, decodePageCursor, encodePageCursor } from '../parameters/page-cursor.ts';
import { type AgentSpend, readAgentSpend } from './agent-spend.ts';

/** Most agents of one page. */
export const MAX_AGENT_PAGE = 1_000;

export const agentPageInput = z.strictObject({
  cursor: cursorInput.optional(),
  limit: z.int().min(1).max(MAX_AGENT_PAGE).default(100),
});

export interface AgentPage {
  /** By tenant and name. */
  readonly agents: readonly AgentSpend[];
  /** Null at the end. */
  readonly nextCursor: string | null;
}

/** One page. Walking the cursor shows every agent once, also while new ones appear. */
export async function listAgentSpend(
  scope: ReadScope,
  page: z.output<typeof agentPageInput>,
  asked: { readonly now: number; readonly defaultLimitPicos: bigint },
): Promise<AgentPage> {
  const [tenant = '', name = ''] = page.cursor === undefined ? [] : decodePageCursor(page.cursor, 2);
  const found = await listAgents(scope.tx, {
    tenants: scope.tenants.map(({ id }) => id),
    after: page.cursor === undefined ? null : { tenant, name },
    limit: page.limit + 1,
  });
  const agents = found.slice(0, page.limit);
  const last = agents.at(-1);
  return {
    agents: await readAgentSpend(scope, agents, asked),
    nextCursor:
      found.length > page.limit && last !== undefined ? encodePageCursor([last.tenant, last.name]) : null,
  };
}
