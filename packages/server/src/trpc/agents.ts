/** Agents beside their monthly limits, and what may be changed about them. */
import { printUsd } from '@farthing/pricing';
import { z } from 'zod';
import { agentPageInput, listAgentSpend } from '../agent-spend/agent-list.ts';
import { type AgentSpend, readAgentSpend } from '../agent-spend/agent-spend.ts';
import { pauseReasonInput, readAgentLimit } from '../budgets/agent.ts';
import type { AgentChange } from '../budgets/agent-registry.ts';
import { withScope } from '../costs/with-scope.ts';
import { readableTenant, requireOwnAgent } from '../http/callers/access.ts';
import { filterValueInput } from '../ledger/event-filter.ts';
import { tenantInput } from '../parameters/tenant.ts';
import { actorOf, type Identity } from '../tenants/identity.ts';
import type { DashboardServices } from './services.ts';
import { procedure, procedureFor, router } from './trpc.ts';

/** An agent beside its month. Amounts are decimal text. */
export interface AgentBudget {
  readonly tenant: string;
  readonly id: string;
  readonly name: string;
  readonly limitUsd: string;
  /** The limit is that of the deployment. */
  readonly limitIsDefault: boolean;
  readonly currentUsd: string;
  /** Below zero once the limit is exceeded. */
  readonly remainingUsd: string;
  readonly utilizationPct: number;
  readonly requests: number;
  /** Since when the spend counts: the month's start, or the last reset in it. */
  readonly since: string;
  readonly paused: { readonly at: string; readonly by: string | null; readonly reason: string | null } | null;
}

export interface AgentBudgetPage {
  readonly agents: readonly AgentBudget[];
  readonly nextCursor: string | null;
}

const agentKey = {
  /** Id or name. */
  agent: filterValueInput.min(1),
  /** Administrators: the tenant, where several have an agent of the name. */
  tenant: tenantInput.optional(),
};

const changing = procedureFor('agents:write');

export const agentsRouter = router({
  list: procedure
    .input(
      agentPageInput.extend({ tenant: tenantInput.optional(), direction: z.literal('forward').optional() }),
    )
    .query(async ({ ctx, input: { tenant: asked, direction: _, ...page } }): Promise<AgentBudgetPage> => {
      const { db, now, defaultLimitPicos } = ctx.services;
      const tenant = readableTenant(ctx.identity, asked);
      const { agents, nextCursor } = await withScope(db, tenant, (scope) =>
        listAgentSpend(scope, page, { now: now(), defaultLimitPicos }),
      );
      return { agents: agents.map(toBudget), nextCursor };
    }),
  setLimit: changing
    .input(z.strictObject({ ...agentKey, maxMonthlyCostUsd: z.string().max(64).nullable() }))
    .mutation(({ ctx, input }) => {
      const { maxMonthlyCostUsd: given } = input;
      return change(ctx, input, { kind: 'limit', limitPicos: given === null ? null : readAgentLimit(given) });
    }),
  resetSpend: changing
    .input(z.strictObject(agentKey))
    .mutation(({ ctx, input }) => change(ctx, input, { kind: 'reset' })),
  pause: changing
    .input(z.strictObject({ ...agentKey, reason: pauseReasonInput.optional() }))
    .mutation(({ ctx, input }) => change(ctx, input, { kind: 'pause', reason: input.reason ?? null })),
  unpause: changing
    .input(z.strictObject(agentKey))
    .mutation(({ ctx, input }) => change(ctx, input, { kind: 'unpause' })),
});

async function change(
  { identity, services }: { readonly identity: Identity; readonly services: DashboardServices },
  { agent, tenant }: { readonly agent: string; readonly tenant?: string | undefined },
  what: AgentChange,
): Promise<AgentBudget> {
  const { db, now, agents, defaultLimitPicos } = services;
  requireOwnAgent(identity, agent);
  const target = { tenant: readableTenant(identity, tenant), idOrName: agent, actor: actorOf(identity) };
  const changed = await agents.change(target, what);
  const [spend] = await withScope(db, changed.tenant, (scope) =>
    readAgentSpend(scope, [changed], { now: now(), defaultLimitPicos }),
  );
  if (spend === undefined) throw new Error('the agent that was changed is not in its tenant');
  return toBudget(spend);
}

function toBudget(spend: AgentSpend): AgentBudget {
  const { agent } = spend;
  return {
    tenant: agent.tenant,
    id: agent.id,
    name: agent.name,
    limitUsd: printUsd(spend.limitPicos),
    limitIsDefault: agent.ownLimitPicos === null,
    currentUsd: printUsd(spend.currentPicos),
    remainingUsd: printUsd(spend.remainingPicos),
    utilizationPct: spend.utilizationPct,
    requests: spend.requests,
    since: new Date(spend.since).toISOString(),
    paused:
      agent.pausedAt === null
        ? null
        : { at: agent.pausedAt.toISOString(), by: agent.pausedBy, reason: agent.pauseReason },
  };
}
