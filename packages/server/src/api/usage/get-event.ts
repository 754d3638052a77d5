/** `GET /api/usage/events/:id`: one event with everything that led to its cost. */
import { AppError } from '@farthing/contract';
import { z } from 'zod';
import { withScope } from '../../costs/with-scope.ts';
import { readableTenant } from '../../http/callers/access.ts';
import { filterValueInput } from '../../ledger/event-filter.ts';
import { openEvent } from '../../ledger/read-event.ts';
import { tenantInput } from '../../parameters/tenant.ts';
import { endpoint } from '../endpoint.ts';
import { eventDetail } from './event-schemas.ts';

export const getUsageEvent = endpoint({
  access: 'usage:read',
  summary: 'One event, with everything that led to its cost.',
  description:
    'Raw usage, how it was read, disjoint quantities, the rate cards with source and dates, one line per meter, the amount, and the history of the cost. An id of another tenant is answered like one that does not exist.',
  tags: ['events'],
  etag: true,
  params: z.strictObject({ id: filterValueInput.min(1) }),
  query: z.strictObject({
    tenant: tenantInput
      .optional()
      .meta({ description: 'Needed by an administrator where several tenants have the id.' }),
  }),
  answer: eventDetail,
  errors: ['not_found', 'unknown_tenant'],
  examples: [{ name: 'by its id', params: { id: 'call-1' }, query: { tenant: 'acme' } }],
  async handle({ context: { db }, identity, params, query }) {
    const tenant = readableTenant(identity, query.tenant);
    const event = await withScope(db, tenant, ({ tx, tenants }) =>
      openEvent(
        tx,
        tenants.map((one) => one.id),
        params.id,
      ),
    );
    if (event === null) throw new AppError('not_found', 'There is no such event.');
    return event;
  },
});
