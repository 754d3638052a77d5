/** Everything a workflow has used: sums, by model, by task. */

import { startOfDayBefore } from '../clock/days.ts';
import type { Interval } from '../clock/interval.ts';
import { DAY_MS } from '../clock/lengths.ts';
import type { CostGroup } from '../costs/cost-query.ts';
import { MAX_EVENT_SCAN_DAYS, MAX_GROUPS } from '../costs/cost-query.ts';
import { runCostQuery } from '../costs/run-cost-query.ts';
import type { CostScope } from '../costs/scope.ts';
import { addSums, NO_SUMS, type Sums } from '../costs/sums.ts';
import { eventsFrom } from '../costs/watermark.ts';
import { type AskedDays, reportDays } from '../parameters/report-dates.ts';
import { findWorkflow, type WorkflowLife } from './workflow-life.ts';

export interface WorkflowReport {
  readonly tenant: string;
  readonly workflow: string;
  readonly total: Sums;
  /** First and last call of the time reported on, RFC 3339; null where there is none in it. */
  readonly firstRequest: string | null;
  readonly lastRequest: string | null;
  /** By cost, highest first. */
  readonly models: readonly { readonly provider: string; readonly model: string; readonly sums: Sums }[];
  /** By cost, highest first; null is calls without a task. Only from calls whose events are still kept. */
  readonly tasks: readonly { readonly task: string | null; readonly sums: Sums }[];
  /** Tasks beyond the named ones; null when every one is named. */
  readonly otherTasks: Sums | null;
}

/** The part of a workflow's life to report; without days, all of it. */
export type AskedWorkflow = AskedDays & { readonly workflow: string; readonly byTask: boolean };

/**
 * One report for each tenant in the scope that has the workflow.
 *
 * @example const [report] = await readWorkflowReports(scope, { workflow: 'wf-1', byTask: true }, now);
 */
export async function readWorkflowReports(
  scope: CostScope,
  asked: AskedWorkflow,
  now: number,
): Promise<WorkflowReport[]> {
  const reports: WorkflowReport[] = [];
  for (const life of await findWorkflow(scope, asked.workflow)) {
    const { tenant } = life;
    const own = { ...scope, tenants: [tenant], timezone: tenant.timezone };
    reports.push(await readReport(own, asked, { life, stretch: stretchOf(life, asked, now) }));
  }
  return reports;
}

interface Reported {
  readonly life: WorkflowLife;
  /** Null: it has no calls in the requested days. */
  readonly stretch: Interval | null;
}

function stretchOf(life: WorkflowLife, asked: AskedDays, now: number): Interval | null {
  if (asked.start === undefined && asked.end === undefined) return life;
  const days = reportDays(asked, life.tenant.timezone, now);
  const from = Math.max(days.from, life.from);
  const to = Math.min(days.to, life.to);
  return from < to ? { from, to } : null;
}

async function readReport(
  scope: CostScope,
  { workflow, byTask }: AskedWorkflow,
  { life, stretch }: Reported,
): Promise<WorkflowReport> {
  const report = { tenant: life.tenant.id, workflow };
  const nothing = {
    total: NO_SUMS,
    firstRequest: null,
    lastRequest: null,
    models: [],
    tasks: [],
    otherTasks: null,
  };
  if (stretch === null) return { ...report, ...nothing };
  const answer = await ask(scope, workflow, stretch, ['provider', 'model']);
  if (answer.total.sums.requests === 0) return { ...report, ...nothing };
  const tasks = byTask ? await readTasks(scope, workflow, stretch) : { groups: [], other: null };
  const calls = await readCallTimes(scope, { workflow, life, stretch });
  return {
    ...report,
    total: answer.total.sums,
    ...calls,
    models: answer.groups.map(({ values, sums }) => ({
      provider: values[0] ?? '',
      model: values[1] ?? '',
      sums,
    })),
    tasks: tasks.groups.map(({ task, sums }) => ({ task: task === '' ? null : task, sums })),
    otherTasks: tasks.other,
  };
}

async function readCallTimes(
  scope: CostScope,
  {
    workflow,
    life,
    stretch,
  }: { readonly workflow: string; readonly life: WorkflowLife; readonly stretch: Interval },
): Promise<Pick<WorkflowReport, 'firstRequest' | 'lastRequest'>> {
  const rfc3339 = (at: number | undefined) => (at === undefined ? null : new Date(at).toISOString());
  if (stretch.from <= life.first && stretch.to > life.last) {
    return { firstRequest: rfc3339(life.first), lastRequest: rfc3339(life.last) };
  }
  const calls = await scope.costs.workflowCalls({ tenant: life.tenant.id, ...stretch }, workflow);
  return { firstRequest: rfc3339(calls?.first), lastRequest: rfc3339(calls?.last) };
}

const ask = (
  scope: CostScope,
  workflow: string,
  { from, to }: Interval,
  groupBy: readonly ('provider' | 'model' | 'task')[],
) =>
  runCostQuery(scope, {
    from,
    to,
    timezone: scope.timezone,
    bucket: null,
    groupBy,
    filters: { workflow: [workflow] },
    rankBy: 'cost',
    compare: null,
    limit: MAX_GROUPS,
  });

/**
 * Only events know their task, and they are read a limited number of days at a time. Calls whose events are deleted
 * count as `other`.
 */
async function readTasks(scope: CostScope, workflow: string, stretch: Interval) {
  const found = new Map<string, Sums>();
  let other: Sums | null = null;
  const kept = Math.min(Math.max(stretch.from, eventsFrom(scope.tenants) ?? stretch.from), stretch.to);
  if (kept > stretch.from) {
    const { total } = await ask(scope, workflow, { from: stretch.from, to: kept }, []);
    if (total.sums.requests > 0) other = total.sums;
  }
  for (let to = stretch.to; to > kept; ) {
    const days = startOfDayBefore(MAX_EVENT_SCAN_DAYS - 1, to - 1, scope.timezone);
    const from = Math.max(kept, days, to - MAX_EVENT_SCAN_DAYS * DAY_MS);
    const answer = await ask(scope, workflow, { from, to }, ['task']);
    for (const group of answer.groups) add(found, group);
    if (answer.other !== null) other = addSums(other ?? NO_SUMS, answer.other.sums);
    to = from;
  }
  const groups = [...found].map(([task, sums]) => ({ task, sums }));
  return { groups: groups.sort(byCost), other };
}

function add(found: Map<string, Sums>, { values, sums }: CostGroup): void {
  const task = values[0] ?? '';
  found.set(task, addSums(found.get(task) ?? NO_SUMS, sums));
}

function byCost(
  a: { readonly task: string; readonly sums: Sums },
  b: { readonly task: string; readonly sums: Sums },
) {
  if (a.sums.costPicos !== b.sums.costPicos) return a.sums.costPicos > b.sums.costPicos ? -1 : 1;
  return a.task < b.task ? -1 : 1;
}
