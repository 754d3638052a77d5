/** The two reports as they are answered, by `/api/cost` and by `/api/v2/costs` alike. */

import { printUsd } from '@farthing/pricing';
import type { Sums } from '../../costs/sums.ts';
import { exactNumber, type RawJson } from '../../http/money.ts';
import type { TenantReport } from '../../reports/tenant-report.ts';
import type { WorkflowReport } from '../../reports/workflow-report.ts';

const totalsOf = (sums: Sums) => ({
  total_requests: sums.requests,
  total_input_tokens: sums.inputTokens,
  total_output_tokens: sums.outputTokens,
  total_tokens: sums.inputTokens + sums.outputTokens,
  total_cost_usd: usd(sums.costPicos),
  unpriced_requests: sums.unpricedRequests,
});

/** Figures of a part of a workflow. */
export const partOf = (sums: Sums) => ({
  count: sums.requests,
  input_tokens: sums.inputTokens,
  output_tokens: sums.outputTokens,
  cost_usd: usd(sums.costPicos),
});

const usd = (picos: bigint): RawJson => exactNumber(printUsd(picos));

export function workflowReportOf(report: WorkflowReport) {
  const { models } = report;
  return {
    workflow_id: report.workflow,
    tenant_id: report.tenant,
    ...totalsOf(report.total),
    first_request: report.firstRequest,
    last_request: report.lastRequest,
    models_used: [...new Set(models.map(({ model }) => model))].sort(),
    providers_used: [...new Set(models.map(({ provider }) => provider))].sort(),
    model_breakdown: Object.fromEntries(
      models.map(({ provider, model, sums }) => [`${provider}/${model}`, partOf(sums)]),
    ),
  };
}

export function tenantReportOf(tenant: string | null, report: TenantReport) {
  return {
    tenant_id: tenant,
    timezone: report.timezone,
    start_date: report.firstDay,
    end_date: report.lastDay,
    ...totalsOf(report.total),
    average_daily_cost: usd(report.averageDailyPicos),
    daily_breakdown: Object.fromEntries(report.days.map(({ date, sums }) => [date, usd(sums.costPicos)])),
    projected_monthly_cost: usd(report.projectedMonthlyPicos),
  };
}
