/** `GET /api/v2/costs`: the report of one workflow, or of the caller's tenant over a stretch of days. */
import { AppError, tenantReportAnswer, workflowReportAnswer } from '@farthing/contract';
import { z } from 'zod';
import { withScope } from '../../costs/with-scope.ts';
import { readableTenant } from '../../http/callers/access.ts';
import { filterValueInput } from '../../ledger/event-filter.ts';
import { reportDateInput } from '../../parameters/report-dates.ts';
import { tenantInput } from '../../parameters/tenant.ts';
import { readTenantReport } from '../../reports/tenant-report.ts';
import { readWorkflowReports } from '../../reports/workflow-report.ts';
import { tenantReportOf, workflowReportOf } from '../cost/report-figures.ts';
import { endpoint } from '../endpoint.ts';

export const getCosts = endpoint({
  access: 'usage:read',
  summary: 'The report of a workflow, or of the tenant over a stretch of days.',
  description:
    'With `workflow_id` the workflow, all of its life or the days given; a workflow that the caller’s tenant does not have is refused (403), whether another tenant has it or not. Without it the tenant, by default over the thirty days before today and today. Days are whole days of the tenant’s zone, both ends included; a time means its day.',
  tags: ['reports'],
  etag: true,
  query: z.strictObject({
    workflow_id: filterValueInput.min(1).optional(),
    start_date: reportDateInput.optional(),
    end_date: reportDateInput.optional(),
    tenant: tenantInput.optional(),
  }),
  meta: { currency: 'USD' },
  answer: z.union([workflowReportAnswer, tenantReportAnswer]),
  errors: ['forbidden', 'unknown_tenant'],
  examples: [
    { name: 'the last thirty days' },
    { name: 'one month', query: { start_date: '2026-11-01', end_date: '2026-11-30' } },
    { name: 'a workflow', query: { workflow_id: 'wf-1' } },
  ],
  async handle({ context: { db, now }, identity, query }) {
    const tenant = readableTenant(identity, query.tenant);
    const { workflow_id: workflow, start_date: start, end_date: end } = query;
    return withScope(db, tenant, async (scope) => {
      if (workflow === undefined) {
        return tenantReportOf(tenant, await readTenantReport(scope, { start, end }, now()));
      }
      const reports = await readWorkflowReports(scope, { workflow, start, end, byTask: false }, now());
      const [report] = reports;
      // Only an administrator sees several tenants, and can name one.
      if (report === undefined || reports.length > 1) throw denied(reports.length);
      return workflowReportOf(report);
    });
  },
});

const denied = (found: number): AppError =>
  found > 1
    ? new AppError('conflict', 'Several tenants have a workflow of this name: say which with ?tenant=.')
    : new AppError('forbidden', 'Your tenant has no workflow with this id.');
