/** Which thresholds the spend of the current periods has reached. */
import type { AlertName, ThresholdPeriod, ThresholdScope } from '@farthing/contract';
import { printUsd } from '@farthing/pricing';
import { byZone } from '../agent-spend/agent-spend.ts';
import { startOf, startOfNext } from '../clock/buckets.ts';
import { type Dimension, MAX_GROUPS } from '../costs/cost-query.ts';
import { runCostQuery } from '../costs/run-cost-query.ts';
import type { CostScope } from '../costs/scope.ts';
import type { Crossing } from './alert.ts';
import type { Threshold } from './threshold.ts';

/** Reached thresholds. At most {@link MAX_GROUPS} subjects per scope and period, those that spent most. */
export async function amountCrossings(
  scope: CostScope,
  thresholds: readonly Threshold[],
  now: number,
): Promise<Crossing[]> {
  const found: Crossing[] = [];
  for (const [, same] of Map.groupBy(thresholds, (one) => `${one.scope} ${one.period}`)) {
    const [first] = same;
    if (first === undefined) continue;
    const spend = await readSpend(scope, first, now);
    for (const threshold of same) found.push(...reached(threshold, spend));
  }
  return found;
}

/** Spend of one subject (tenant, project, agent, …) in a period. */
interface Spend {
  readonly tenant: string | null;
  /** Null in the scopes that have one subject only. */
  readonly subject: string | null;
  readonly costPicos: bigint;
  readonly periodStart: number;
}

/** Scopes that are dimensions of the ledger below the tenant. */
const DIMENSIONS: { readonly [S in ThresholdScope]: readonly Dimension[] } = {
  instance: [],
  tenant: ['tenant'],
  project: ['tenant', 'project'],
  environment: ['tenant', 'environment'],
  agent: ['tenant', 'agent'],
  user: ['tenant', 'user'],
  workflow: ['tenant', 'workflow'],
};

async function readSpend(
  scope: CostScope,
  { scope: kind, period }: { readonly scope: ThresholdScope; readonly period: ThresholdPeriod },
  now: number,
): Promise<Spend[]> {
  const groupBy = DIMENSIONS[kind];
  // Periods of the sum over all tenants are in UTC; a tenant's are in its own zone.
  const zones = kind === 'instance' ? new Map([['UTC', scope.tenants]]) : byZone(scope.tenants);
  const spend: Spend[] = [];
  for (const [timezone, tenants] of zones) {
    const periodStart = startOf(period, now, timezone);
    const answer = await runCostQuery(
      { ...scope, tenants },
      {
        from: periodStart,
        to: startOfNext(period, now, timezone),
        timezone,
        bucket: null,
        groupBy,
        filters: {},
        measures: ['cost'],
        rankBy: 'cost',
        compare: null,
        limit: MAX_GROUPS,
      },
    );
    if (kind === 'instance') {
      spend.push({ tenant: null, subject: null, costPicos: answer.total.sums.costPicos, periodStart });
    }
    for (const { values, sums } of answer.groups) {
      const [tenant = '', subject = null] = values;
      // Calls without a project, agent, … count towards no threshold of that dimension.
      if (subject !== '') spend.push({ tenant, subject, costPicos: sums.costPicos, periodStart });
    }
  }
  return spend;
}

function reached(threshold: Threshold, spend: readonly Spend[]): Crossing[] {
  return spend
    .filter(
      (one) =>
        one.costPicos >= threshold.amountPicos &&
        (threshold.tenant === null || threshold.tenant === one.tenant) &&
        (threshold.subject === null || threshold.subject === one.subject),
    )
    .map((one) => crossingOf(threshold, one));
}

const ALERTS: { readonly [P in ThresholdPeriod]: AlertName } = {
  day: 'daily_threshold',
  week: 'weekly_threshold',
  month: 'monthly_threshold',
};
const WHEN: { readonly [P in ThresholdPeriod]: string } = {
  day: 'today',
  week: 'this week',
  month: 'this month',
};

function crossingOf(threshold: Threshold, spend: Spend): Crossing {
  const { scope, period, severity, id: thresholdId } = threshold;
  const { tenant, subject, periodStart } = spend;
  const costUsd = printUsd(spend.costPicos);
  const limitUsd = printUsd(threshold.amountPicos);
  return {
    tenant,
    alertName: ALERTS[period],
    severity,
    message: `${whoOf(scope, tenant, subject)} spent $${costUsd} ${WHEN[period]}: $${limitUsd} reached.`,
    metricValue: costUsd,
    threshold: limitUsd,
    costUsd,
    limitUsd,
    scope,
    subject,
    period,
    periodStart,
    thresholdId,
    crossing: `${thresholdId}@${limitUsd}`,
  };
}

function whoOf(scope: ThresholdScope, tenant: string | null, subject: string | null): string {
  if (scope === 'instance') return 'All tenants together';
  if (scope === 'tenant') return `Tenant "${tenant ?? ''}"`;
  return `${scope.charAt(0).toUpperCase()}${scope.slice(1)} "${subject ?? ''}"`;
}
