/** `GET /api/usage/events/:id`: one event with everything that led to its cost. */
import { AppError } from '@farthing/contract';
import { z } from 'zod';
import { identityOf, readableTenant } from '../../http/access.ts';
import { parseParameters } from '../../http/parse.ts';
import { tenantInput, withScope } from '../../insights/scope.ts';
import { filterValueInput } from '../../ledger/event-filter.ts';
import { readEvent } from '../../ledger/read-event.ts';
import type { Endpoint } from '../endpoint.ts';

const path = z.strictObject({ id: filterValueInput.min(1) });
const parameters = z.strictObject({ tenant: tenantInput.optional() });

export const getUsageEvent: Endpoint = {
  access: 'tenant',
  async handle({ db }, request) {
    const { id } = parseParameters(path, request.params);
    const asked = parseParameters(parameters, request.query);
    const tenant = readableTenant(identityOf(request), asked.tenant);
    const event = await withScope(db, tenant, ({ tx, tenants }) =>
      readEvent(
        tx,
        tenants.map((one) => one.id),
        id,
      ),
    );
    if (event === null) throw new AppError('not_found', 'There is no such event.');
    return event;
  },
};
