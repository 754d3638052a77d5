/** `GET /api/cost/tenants/:id/report`: what a tenant spent. The list of tenants is in `breakdowns.ts`. */
import { AppError, tenantReportAnswer } from '@farthing/contract';
import { z } from 'zod';
import { withScope } from '../../costs/with-scope.ts';
import { reportDateInput } from '../../parameters/report-dates.ts';
import { tenantInput } from '../../parameters/tenant.ts';
import { timeZoneInput } from '../../parameters/time-range.ts';
import { readTenantReport } from '../../reports/tenant-report.ts';
import { endpoint } from '../endpoint.ts';
import { tenantReportOf } from './report-figures.ts';

export const getTenantReport = endpoint({
  access: 'usage:read',
  summary: 'A tenant’s spend: per day, on average, and projected to a month.',
  description:
    'Whole days of the zone, both ends included; by default the thirty days before today and today. A time means its day. The average is over the days on which something was used; the projection is thirty of them. Another tenant gets the same answer as an unknown one.',
  tags: ['reports'],
  etag: true,
  params: z.strictObject({ id: tenantInput }),
  query: z.strictObject({
    start_date: reportDateInput.optional(),
    end_date: reportDateInput.optional(),
    timezone: timeZoneInput.optional(),
  }),
  answer: tenantReportAnswer,
  errors: ['not_found'],
  examples: [
    { name: 'the last thirty days', params: { id: 'acme' } },
    {
      name: 'one month',
      params: { id: 'acme' },
      query: { start_date: '2026-11-01', end_date: '2026-11-30' },
    },
  ],
  async handle({ context: { db, now }, identity, params: { id }, query }) {
    if (identity.tenantId !== null && identity.tenantId !== id) throw noTenant();
    const { start_date: start, end_date: end, timezone } = query;
    const report = await withScope(db, id, (scope) =>
      readTenantReport(scope, { start, end, timezone }, now()),
    ).catch((error: unknown) => {
      throw error instanceof AppError && error.code === 'unknown_tenant' ? noTenant() : error;
    });
    return tenantReportOf(id, report);
  },
});

const noTenant = () => new AppError('not_found', 'There is no such tenant.');
