/** `GET /api/usage/events`: newest first, by cursor. */
import { z } from 'zod';
import { identityOf, readableTenant } from '../../http/access.ts';
import { parseParameters } from '../../http/parse.ts';
import { eventListInput, listEvents } from '../../insights/list-events.ts';
import { withScope } from '../../insights/scope.ts';
import { eventFilterInput, MAX_EVENT_PAGE } from '../../ledger/event-filter.ts';
import type { Endpoint } from '../endpoint.ts';
import { integerParameter, rangeParameters, splitTags } from '../query-parameters.ts';

const { tags: tagFilter, ...columnFilters } = eventFilterInput.shape;

const parameters = z.strictObject({
  ...rangeParameters,
  ...columnFilters,
  unpriced: z
    .enum(['true', 'false'])
    .transform((text) => text === 'true')
    .optional(),
  cursor: eventListInput.shape.cursor,
  limit: integerParameter(1, MAX_EVENT_PAGE).default(50),
});

export const listUsageEvents: Endpoint = {
  access: 'tenant',
  async handle({ db }, request) {
    const query = splitTags(request.query);
    const {
      tenant: askedTenant,
      from,
      to,
      timezone,
      cursor,
      limit,
      ...filter
    } = parseParameters(parameters, query.plain);
    const tags = parseParameters(z.object({ tag: tagFilter }), { tag: Object.fromEntries(query.tags) }).tag;
    const tenant = readableTenant(identityOf(request), askedTenant);
    return withScope(db, tenant, (scope) =>
      listEvents(scope, { from, to, timezone, cursor, limit, filter: { ...filter, tags } }),
    );
  },
};
