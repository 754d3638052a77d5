/** Holds what was spent against what may be spent, and tells what was reached. */

import { readAgentSpend } from '../agent-spend/agent-spend.ts';
import { listAgents } from '../budgets/agent-rows.ts';
import type { ReadScope } from '../costs/scope.ts';
import { withScope } from '../costs/with-scope.ts';
import type { Database } from '../db/database.ts';
import type { Log } from '../db/log.ts';
import { agentCrossings } from './agent-thresholds.ts';
import type { Alert, Crossing } from './alert.ts';
import { storeCrossings } from './alert-store.ts';
import { amountCrossings } from './amount-crossings.ts';
import type { ThresholdStore } from './threshold-store.ts';

export interface EvaluationParts {
  readonly db: Database;
  readonly thresholds: Pick<ThresholdStore, 'inForce'>;
  readonly log: Log;
  /** Unix milliseconds. */
  readonly now: () => number;
  readonly defaultLimitPicos: bigint;
}

/** Agents looked at together. */
const AGENTS_AT_ONCE = 1_000;

/**
 * Evaluates the current day, week and month of one tenant, or (null) of every tenant and of their sum. Stores each new
 * crossing and logs it as "Budget alert"; superseded ones are logged at level info. Returns the new alerts.
 */
export async function evaluateAlerts(parts: EvaluationParts, tenant: string | null): Promise<Alert[]> {
  const { db, thresholds, log, defaultLimitPicos } = parts;
  const now = parts.now();
  const inForce = await thresholds.inForce(tenant);
  const crossings = await withScope(db, tenant, async (scope) => [
    ...(await everyAgent(scope, { now, defaultLimitPicos })),
    ...(await amountCrossings(scope, inForce, now)),
  ]);
  if (crossings.length === 0) return [];
  const told = await db.asOperator((tx) => storeCrossings(tx, crossings));
  for (const alert of told) log[alert.supersededBy === null ? 'warn' : 'info'](logged(alert), 'Budget alert');
  return told;
}

async function everyAgent(
  scope: ReadScope,
  asked: { readonly now: number; readonly defaultLimitPicos: bigint },
): Promise<Crossing[]> {
  const tenants = scope.tenants.map(({ id }) => id);
  const crossings: Crossing[] = [];
  for (let after = null; ; ) {
    const agents = await listAgents(scope.tx, { tenants, after, limit: AGENTS_AT_ONCE });
    for (const spend of await readAgentSpend(scope, agents, asked)) crossings.push(...agentCrossings(spend));
    const last = agents.at(-1);
    if (last === undefined || agents.length < AGENTS_AT_ONCE) return crossings;
    after = last;
  }
}

const logged = (alert: Alert) => ({
  alert: alert.alertName,
  tenant: alert.tenant,
  severity: alert.severity,
  scope: alert.scope,
  subject: alert.subject,
  metric_value: alert.metricValue,
  threshold: alert.threshold,
  cost_usd: alert.costUsd,
  limit_usd: alert.limitUsd,
  ...(alert.supersededBy === null ? {} : { superseded: true }),
  words: alert.message,
});
