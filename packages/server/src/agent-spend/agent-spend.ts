/** What agents have spent of their monthly limits. A month is one of the tenant's reporting zone. */
import { type Agent, limitOf, type MonthSpend, spendSinceReset } from '../budgets/agent.ts';
import { startOf, startOfNext } from '../clock/buckets.ts';
import { dayOf } from '../clock/days.ts';
import { runCostQuery } from '../costs/run-cost-query.ts';
import type { CostScope } from '../costs/scope.ts';
import type { ScopedTenant } from '../costs/scoped-tenant.ts';
import { percent } from '../costs/sums.ts';
import { scopeIn } from '../costs/with-scope.ts';
import type { Tx } from '../db/database.ts';

/** An agent with its spend of the month. Amounts are picos. */
export interface AgentSpend {
  readonly agent: Agent;
  readonly limitPicos: bigint;
  /** Of this month, since its last reset in it. */
  readonly currentPicos: bigint;
  /** Below zero: by how much the limit is exceeded. */
  readonly remainingPicos: bigint;
  /** Per cent of the limit with two decimals. With a limit of zero: 0 while nothing was spent, else 100. */
  readonly utilizationPct: number;
  /** Calls of this month, since its last reset in it. */
  readonly requests: number;
  /** Since when it counts, Unix milliseconds: the start of the month, or the last reset in it. */
  readonly since: number;
  readonly monthStart: number;
}

/** Reads what each agent has spent this month; agents of tenants outside the scope are left out. */
export async function readAgentSpend(
  scope: CostScope,
  agents: readonly Agent[],
  asked: { readonly now: number; readonly defaultLimitPicos: bigint },
): Promise<AgentSpend[]> {
  const spend = await readMonths(scope, agents, asked.now);
  return agents.flatMap((agent) => {
    const month = spend.get(keyOf(agent));
    if (month === undefined) return [];
    const counted = spendSinceReset(agent, month);
    const since = agent.spendReset?.month === month.month ? agent.spendReset.at.getTime() : month.start;
    return [
      { agent, monthStart: month.start, since, ...utilization(agent, counted, asked.defaultLimitPicos) },
    ];
  });
}

/** One agent's sums of the month, resets ignored. A reset stores these. */
export async function readMonthSpend(tx: Tx, agent: Agent, now: number): Promise<MonthSpend> {
  const months = await readMonths(await scopeIn(tx, agent.tenant), [agent], now);
  const month = months.get(keyOf(agent));
  if (month === undefined) throw new Error('the month of an agent in scope was not read');
  return month;
}

/** Tenants by reporting zone: a month is not the same time everywhere. */
export function byZone(tenants: readonly ScopedTenant[]): ReadonlyMap<string, readonly ScopedTenant[]> {
  return Map.groupBy(tenants, (tenant) => tenant.timezone);
}

const keyOf = ({ tenant, name }: { readonly tenant: string; readonly name: string }) => `${tenant}\0${name}`;

function utilization(agent: Agent, counted: MonthSpend, defaultLimitPicos: bigint) {
  const limitPicos = limitOf(agent, defaultLimitPicos);
  const { costPicos, requests } = counted;
  return {
    limitPicos,
    currentPicos: costPicos,
    remainingPicos: limitPicos - costPicos,
    utilizationPct: percent(costPicos, limitPicos, 2) ?? (costPicos > 0n ? 100 : 0),
    requests,
  };
}

type Month = MonthSpend & { readonly start: number };

async function readMonths(
  scope: CostScope,
  agents: readonly Agent[],
  now: number,
): Promise<ReadonlyMap<string, Month>> {
  const found = new Map<string, Month>();
  const wanted = new Set(agents.map((agent) => agent.tenant));
  for (const [timezone, tenants] of byZone(scope.tenants.filter((tenant) => wanted.has(tenant.id)))) {
    const ids = new Set(tenants.map((tenant) => tenant.id));
    const here = agents.filter((agent) => ids.has(agent.tenant));
    const start = startOf('month', now, timezone);
    const month = dayOf(start, timezone);
    for (const agent of here) found.set(keyOf(agent), { month, start, costPicos: 0n, requests: 0 });
    const answer = await runCostQuery(
      { ...scope, tenants },
      {
        from: start,
        to: startOfNext('month', now, timezone),
        timezone,
        bucket: null,
        groupBy: ['tenant', 'agent'],
        filters: { agent: [...new Set(here.map((agent) => agent.name))] },
        measures: ['cost', 'requests'],
        rankBy: 'cost',
        compare: null,
        // Every tenant can have every one of the names.
        limit: tenants.length * here.length,
      },
    );
    for (const { values, sums } of answer.groups) {
      const key = `${values[0] ?? ''}\0${values[1] ?? ''}`;
      if (!found.has(key)) continue;
      found.set(key, { month, start, costPicos: sums.costPicos, requests: sums.requests });
    }
  }
  return found;
}
