/** `GET /api/cost/workflows/:id`: one workflow in full. */
import { AppError } from '@farthing/contract';
import { z } from 'zod';
import { withScope } from '../../costs/with-scope.ts';
import { readableTenant } from '../../http/callers/access.ts';
import { filterValueInput } from '../../ledger/event-filter.ts';
import { reportDateInput } from '../../parameters/report-dates.ts';
import { tenantInput } from '../../parameters/tenant.ts';
import { readWorkflowReports } from '../../reports/workflow-report.ts';
import { endpoint } from '../endpoint.ts';
import { count, usdNumber } from '../schemas.ts';
import { partOf, workflowReport, workflowReportOf } from './report-figures.ts';

const part = z.object({ count, input_tokens: count, output_tokens: count, cost_usd: usdNumber });

export const getWorkflowCosts = endpoint({
  access: 'usage:read',
  summary: 'One workflow: its calls, tokens and cost, by model and by task.',
  description:
    'All of its life; only the days from `start_date` to `end_date` (whole days of the tenant, both included) where they are given. An administrator names `tenant` where several have a workflow of this name.',
  tags: ['reports'],
  etag: true,
  params: z.strictObject({ id: filterValueInput.min(1) }),
  query: z.strictObject({
    tenant: tenantInput.optional(),
    start_date: reportDateInput.optional(),
    end_date: reportDateInput.optional(),
  }),
  answer: workflowReport.extend({
    task_breakdown: z.array(part.extend({ task: z.string().nullable() })).meta({
      description:
        'The dearest first; null stands for calls without a task. Of calls whose events are still kept.',
    }),
    other_tasks: part.optional().meta({
      description: 'What is not named: tasks beyond 1,000, and calls whose events are no longer kept.',
    }),
  }),
  errors: ['not_found', 'conflict'],
  examples: [
    { name: 'all of it', params: { id: 'wf-1' } },
    {
      name: 'one week of it',
      params: { id: 'wf-1' },
      query: { start_date: '2026-11-16', end_date: '2026-11-22' },
    },
  ],
  async handle({ context: { db, now }, identity, params: { id: workflow }, query }) {
    const tenant = readableTenant(identity, query.tenant);
    const asked = { workflow, start: query.start_date, end: query.end_date, byTask: true };
    const [report, other] = await withScope(db, tenant, (scope) => readWorkflowReports(scope, asked, now()));
    if (report === undefined) throw new AppError('not_found', 'There is no such workflow.');
    if (other !== undefined) {
      throw new AppError(
        'conflict',
        'Several tenants have a workflow of this name: say which with ?tenant=.',
      );
    }
    return {
      ...workflowReportOf(report),
      task_breakdown: report.tasks.map(({ task, sums }) => ({ task, ...partOf(sums) })),
      ...(report.otherTasks === null ? {} : { other_tasks: partOf(report.otherTasks) }),
    };
  },
});
