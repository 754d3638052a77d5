/** The figures of the cost dashboard: this month, today, what leads, and everything so far. */
import { printUsd } from '@farthing/pricing';
import { readAgents } from '../budgets/agent-rows.ts';
import { startOf, startOfNext } from '../clock/buckets.ts';
import { comparedInterval } from '../clock/comparison.ts';
import { dayOf, monthOf } from '../clock/days.ts';
import type { Interval } from '../clock/interval.ts';
import { periodLabel, toRfc3339 } from '../clock/interval.ts';
import { ALL_TIME, type AllTime, readSince } from '../costs/all-time.ts';
import type { CostAnswer, Dimension } from '../costs/cost-query.ts';
import type { AskedPeriod } from '../costs/cost-store.ts';
import type { SumsOf } from '../costs/measures.ts';
import { runCostQuery } from '../costs/run-cost-query.ts';
import type { ReadScope } from '../costs/scope.ts';
import { sumPeriods } from '../costs/sum-periods.ts';
import { changePct, NO_SUMS } from '../costs/sums.ts';
import type { AskedRange } from '../parameters/time-range.ts';
import { resolveRange } from '../parameters/time-range.ts';

/** Amounts are decimal text. */
export interface CostDashboard {
  readonly timezone: string;
  readonly currentMonth: SpendBeside & { readonly month: string };
  readonly today: SpendBeside & { readonly date: string };
  /** The period of the two lists. */
  readonly period: { readonly from: string; readonly to: string };
  readonly topAgents: readonly TopAgent[];
  readonly topModels: readonly TopModel[];
  readonly allTime: AllTime;
}

/** A period's cost so far, and that of the same part of the period before. */
export interface SpendBeside {
  readonly costUsd: string;
  readonly requests: number;
  readonly unpricedRequests: number;
  readonly previousCostUsd: string;
  readonly previousPeriod: { readonly label: string; readonly from: string; readonly to: string };
  readonly changePct: number | null;
}

export interface TopAgent {
  readonly tenant: string;
  /** Null for an agent that was never registered. */
  readonly agentId: string | null;
  readonly agentName: string;
  readonly costUsd: string;
  readonly requests: number;
}

export interface TopModel {
  readonly provider: string;
  readonly model: string;
  readonly costUsd: string;
  readonly requests: number;
}

export interface DashboardRequest extends AskedRange {
  readonly timezone?: string | undefined;
  /** Entries of each list. */
  readonly limit: number;
}

/**
 * Reads the dashboard in one transaction. The month and the day are calendar ones. The periods they are compared with
 * end at the same time of the corresponding day.
 */
export async function readDashboard(
  scope: ReadScope,
  asked: DashboardRequest,
  now: number,
): Promise<CostDashboard> {
  const timezone = asked.timezone ?? scope.timezone;
  const month = whole('month', now, timezone);
  const lists = resolveRange(asked, month, timezone);
  const { currentMonth, today, allTime } = await readSpend(scope, now, timezone);
  return {
    timezone,
    currentMonth: { month: monthOf(now, timezone), ...currentMonth },
    today: { date: dayOf(now, timezone), ...today },
    period: { from: toRfc3339(lists.from), to: toRfc3339(lists.to) },
    topAgents: await readTopAgents(scope, lists, timezone, asked.limit),
    topModels: await readTopModels(scope, lists, timezone, asked.limit),
    allTime: { sums: allTime, since: await readSince(scope) },
  };
}

const whole = (bucket: 'day' | 'month', now: number, timezone: string): Interval => ({
  from: startOf(bucket, now, timezone),
  to: startOfNext(bucket, now, timezone),
});

const SPEND = ['cost', 'requests', 'unpriced_requests'] as const;
type Spend = SumsOf<(typeof SPEND)[number]>;

/** The current month and day are read whole, the ones before only as far as these have come. */
async function readSpend(scope: ReadScope, now: number, timezone: string) {
  const before = (bucket: 'day' | 'month'): AskedPeriod => {
    const from = startOf(bucket, now, timezone);
    const soFar = { from, to: Math.max(now, from + 1) };
    const comparison = bucket === 'day' ? 'previous_day' : 'previous_month';
    return { ...comparedInterval(comparison, soFar, timezone), compared: true };
  };
  const compared = { month: before('month'), day: before('day') };
  const [month, monthBefore, day, dayBefore, allTime] = await sumPeriods(scope, {
    periods: [
      whole('month', now, timezone),
      compared.month,
      whole('day', now, timezone),
      compared.day,
      ALL_TIME,
    ],
    filters: {},
    measures: SPEND,
  });
  return {
    currentMonth: spendBeside(month, monthBefore, { ...compared.month, timezone }),
    today: spendBeside(day, dayBefore, { ...compared.day, timezone }),
    allTime: allTime ?? NO_SUMS,
  };
}

function spendBeside(
  current: Spend = NO_SUMS,
  before: Spend = NO_SUMS,
  previous: Interval & { readonly timezone: string },
): SpendBeside {
  return {
    costUsd: printUsd(current.costPicos),
    requests: current.requests,
    unpricedRequests: current.unpricedRequests,
    previousCostUsd: printUsd(before.costPicos),
    previousPeriod: {
      label: periodLabel(previous.from, previous.to, previous.timezone),
      from: toRfc3339(previous.from),
      to: toRfc3339(previous.to),
    },
    changePct: changePct(current.costPicos, before.costPicos),
  };
}

async function readTopAgents(
  scope: ReadScope,
  interval: Interval,
  timezone: string,
  limit: number,
): Promise<TopAgent[]> {
  // Events without an agent are one more group per tenant, left out below.
  const answer = await ask(scope, interval, timezone, ['tenant', 'agent'], limit + scope.tenants.length);
  const named = answer.groups.filter((group) => group.values[1] !== '').slice(0, limit);
  const agents = await readAgents(
    scope.tx,
    named.map(({ values: [tenant = '', name = ''] }) => ({ tenant, name })),
  );
  const ids = new Map(agents.map(({ tenant, name, id }) => [`${tenant}\0${name}`, id]));
  return named.map(({ values: [tenant = '', agentName = ''], sums }) => ({
    tenant,
    agentId: ids.get(`${tenant}\0${agentName}`) ?? null,
    agentName,
    costUsd: printUsd(sums.costPicos),
    requests: sums.requests,
  }));
}

async function readTopModels(
  scope: ReadScope,
  interval: Interval,
  timezone: string,
  limit: number,
): Promise<TopModel[]> {
  const answer = await ask(scope, interval, timezone, ['provider', 'model'], limit);
  return answer.groups.map(({ values: [provider = '', model = ''], sums }) => ({
    provider,
    model,
    costUsd: printUsd(sums.costPicos),
    requests: sums.requests,
  }));
}

function ask(
  scope: ReadScope,
  { from, to }: Interval,
  timezone: string,
  groupBy: readonly Dimension[],
  limit: number,
): Promise<CostAnswer<SumsOf<'cost'>>> {
  return runCostQuery(scope, {
    from,
    to,
    timezone,
    bucket: null,
    groupBy,
    filters: {},
    measures: ['cost', 'requests'],
    rankBy: 'cost',
    compare: null,
    limit,
  });
}
