/** Costs by dimension, reports, estimates. */
import { AppError } from '@farthing/contract';
import { type ExplainedLine, printUsd } from '@farthing/pricing';
import { z } from 'zod';
import {
  type Dimension,
  dimensionInput,
  filtersInput,
  MAX_GROUP_BY,
  MAX_GROUPS,
} from '../costs/cost-query.ts';
import type { Sums } from '../costs/sums.ts';
import { withScope } from '../costs/with-scope.ts';
import { answerEstimate } from '../estimates/answer-estimate.ts';
import type { EstimatedCost, Unpriced } from '../estimates/estimate-cost.ts';
import { estimateInput } from '../estimates/estimate-input.ts';
import { readableTenant } from '../http/callers/access.ts';
import { filterValueInput } from '../ledger/event-filter.ts';
import { type CostSummary, readSummary, type SummaryGroup } from '../overview/summary.ts';
import { reportDateInput } from '../parameters/report-dates.ts';
import { tenantInput } from '../parameters/tenant.ts';
import { pointInTimeInput, timeZoneInput } from '../parameters/time-range.ts';
import { readTenantReport } from '../reports/tenant-report.ts';
import { readWorkflowReports } from '../reports/workflow-report.ts';
import { procedure, router } from './trpc.ts';

/** Figures of something; the amount is decimal text. */
export interface Figures {
  readonly costUsd: string;
  readonly requests: number;
  readonly errors: number;
  readonly unpricedRequests: number;
  readonly inputTokens: number;
  readonly outputTokens: number;
}

export interface CostEntry extends Figures {
  /** In the order of the dimensions; null where the calls have none. */
  readonly values: readonly (string | null)[];
  readonly sharePct: number;
}

/** Entries and `other` are the total. */
export interface CostList {
  readonly from: string;
  readonly to: string;
  readonly timezone: string;
  readonly total: Figures;
  /** The dearest first. */
  readonly entries: readonly CostEntry[];
  readonly other: (Figures & { readonly entries: number; readonly sharePct: number }) | null;
}

export interface WorkflowCosts {
  readonly tenant: string;
  readonly workflow: string;
  readonly total: Figures;
  readonly firstRequest: string | null;
  readonly lastRequest: string | null;
  readonly models: readonly (Figures & { readonly provider: string; readonly model: string })[];
  readonly tasks: readonly (Figures & { readonly task: string | null })[];
}

export interface TenantCosts {
  readonly timezone: string;
  readonly firstDay: string;
  readonly lastDay: string;
  readonly total: Figures;
  readonly averageDailyUsd: string;
  readonly projectedMonthlyUsd: string;
  readonly days: readonly (Figures & { readonly date: string })[];
}

interface VolumeCost {
  readonly costUsd: string | null;
  readonly volumes: readonly { readonly calls: number; readonly costUsd: string | null }[];
}

export interface Estimate {
  readonly models: readonly {
    readonly provider: string | null;
    readonly model: string;
    readonly times: string;
    /** Of one call. */
    readonly costUsd: string | null;
    readonly volumes: VolumeCost['volumes'];
    readonly lines: readonly ExplainedLine[];
    readonly unpriced: readonly Unpriced[];
  }[];
  readonly total: VolumeCost;
  readonly at: string;
  readonly priceBook: string;
}

const listInput = z.strictObject({
  tenant: tenantInput.optional(),
  timezone: timeZoneInput.optional(),
  from: pointInTimeInput.optional(),
  to: pointInTimeInput.optional(),
  filters: filtersInput.optional(),
  limit: z.int().min(1).max(MAX_GROUPS).default(100),
});

/** The lists that have a procedure of their own, and their dimensions. */
const list = (groupBy: readonly Dimension[]) =>
  procedure.input(listInput).query(({ ctx, input }) => readList(ctx, input, groupBy));

export const costsRouter = router({
  models: list(['provider', 'model']),
  operations: list(['operation']),
  workflows: list(['workflow']),
  tenants: list(['tenant']),
  /** One tag's values: `{key: "team"}`. */
  tags: procedure
    .input(listInput.extend({ key: z.string().min(1).max(256) }))
    .query(({ ctx, input: { key, ...input } }) => readList(ctx, input, [dimensionInput.parse(`tag.${key}`)])),
  /** Any dimensions, together. */
  list: procedure
    .input(listInput.extend({ by: z.array(dimensionInput).min(1).max(MAX_GROUP_BY) }))
    .query(({ ctx, input: { by, ...input } }) => readList(ctx, input, by)),
  workflow: procedure
    .input(
      z.strictObject({
        workflow: filterValueInput.min(1),
        tenant: tenantInput.optional(),
        start: reportDateInput.optional(),
        end: reportDateInput.optional(),
      }),
    )
    .query(async ({ ctx, input: { tenant: asked, ...input } }): Promise<WorkflowCosts> => {
      const { db, now } = ctx.services;
      const tenant = readableTenant(ctx.identity, asked);
      const [report, other] = await withScope(db, tenant, (scope) =>
        readWorkflowReports(scope, { ...input, byTask: true }, now()),
      );
      if (report === undefined) throw new AppError('not_found', 'There is no such workflow.');
      if (other !== undefined) {
        throw new AppError('conflict', 'Several tenants have a workflow of this name: say which.');
      }
      const { otherTasks: _, total, models, tasks, ...rest } = report;
      return {
        ...rest,
        total: toFigures(total),
        models: models.map(({ sums, ...model }) => ({ ...model, ...toFigures(sums) })),
        tasks: tasks.map(({ sums, task }) => ({ task, ...toFigures(sums) })),
      };
    }),
  tenantReport: procedure
    .input(
      z.strictObject({
        tenant: tenantInput.optional(),
        timezone: timeZoneInput.optional(),
        start: reportDateInput.optional(),
        end: reportDateInput.optional(),
      }),
    )
    .query(async ({ ctx, input: { tenant, ...input } }): Promise<TenantCosts> => {
      const { db, now } = ctx.services;
      const report = await withScope(db, readableTenant(ctx.identity, tenant), (scope) =>
        readTenantReport(scope, input, now()),
      );
      const { averageDailyPicos, projectedMonthlyPicos, total, days, ...rest } = report;
      return {
        ...rest,
        total: toFigures(total),
        averageDailyUsd: printUsd(averageDailyPicos),
        projectedMonthlyUsd: printUsd(projectedMonthlyPicos),
        days: days.map(({ date, sums }) => ({ date, ...toFigures(sums) })),
      };
    }),
  estimate: procedure.input(estimateInput).query(async ({ ctx, input }): Promise<Estimate> => {
    const { db, books, now } = ctx.services;
    const tenant = readableTenant(ctx.identity, input.tenant);
    if (tenant !== null) await withScope(db, tenant, async () => undefined); // refuses one that does not exist
    const { calls, total, at, priceBook } = answerEstimate(books, { input, tenant, now: now() });
    return {
      models: calls.map(({ provider, model, times, callPicos, cost, lines, unpriced }) => ({
        provider,
        model,
        times,
        costUsd: usd(callPicos),
        volumes: toVolumes(cost).volumes,
        lines,
        unpriced,
      })),
      total: toVolumes(total),
      at,
      priceBook,
    };
  }),
});

type Context = Parameters<Parameters<typeof procedure.query>[0]>[0]['ctx'];

async function readList(
  { identity, services }: Context,
  { tenant, filters = {}, ...asked }: z.output<typeof listInput>,
  groupBy: readonly Dimension[],
): Promise<CostList> {
  const summary = await withScope(services.db, readableTenant(identity, tenant), (scope) =>
    readSummary(scope, { ...asked, filters, groupBy }, services.now()),
  );
  return toList(summary);
}

function toList({ from, to, timezone, total, groups, groupCount, other }: CostSummary): CostList {
  const entry = ({ sums, sharePct }: Omit<SummaryGroup, 'values'>) => ({ ...toFigures(sums), sharePct });
  return {
    from,
    to,
    timezone,
    total: toFigures(total),
    entries: groups.map((group) => ({ values: group.values.map((value) => value || null), ...entry(group) })),
    other: other === null ? null : { entries: groupCount - groups.length, ...entry(other) },
  };
}

const toFigures = (sums: Sums): Figures => ({
  costUsd: printUsd(sums.costPicos),
  requests: sums.requests,
  errors: sums.errors,
  unpricedRequests: sums.unpricedRequests,
  inputTokens: sums.inputTokens,
  outputTokens: sums.outputTokens,
});

const usd = (picos: bigint | null): string | null => (picos === null ? null : printUsd(picos));

const toVolumes = ({ picos, volumes }: EstimatedCost): VolumeCost => ({
  costUsd: usd(picos),
  volumes: volumes.map((volume) => ({ calls: volume.calls, costUsd: usd(volume.picos) })),
});
