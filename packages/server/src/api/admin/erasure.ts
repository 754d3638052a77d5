/** `/api/admin/erasure`: erases what is known of one person and keeps every total. */

import { AppError, name } from '@farthing/contract';
import { z } from 'zod';
import { DAY_MS } from '../../clock/lengths.ts';
import { readableTenant, writableTenant } from '../../http/callers/access.ts';
import { endpoint } from '../endpoint.ts';
import { count, instant } from '../schemas.ts';
import { actorOf } from './bodies.ts';

const tenantId = z.string().regex(/^[a-z0-9][a-z0-9_-]{0,62}$/, 'is not the id of a tenant');

const erasureAnswer = z
  .object({
    id: z.uuid(),
    tenant: z.string(),
    user_hash: z.string().meta({ description: 'SHA-256 over tenant, a slash and the name, in hex.' }),
    thorough: z.boolean(),
    before: instant.meta({ description: 'Events of a time before this one were erased.' }),
    requested_at: instant,
    requested_by: z.string(),
    status: z.enum(['running', 'done', 'failed']),
    finished_at: instant.nullable(),
    error: z.string().nullable(),
    events: count.meta({ description: 'Events of the person, nobody’s now.' }),
    tagged_events: count.meta({ description: 'Events of others that lost a tag with the person’s name.' }),
    quarantined: count,
    adjustments: count,
    rollup_rows: count.meta({ description: 'Rows of sums by the person’s name that were deleted.' }),
    bound_keys: count.meta({ description: 'Keys that write in the person’s name: revoke them.' }),
    longest_ms: z.int().meta({ description: 'The longest transaction that held locks.' }),
  })
  .meta({ id: 'Erasure', description: 'The erasure of one person’s data. Their name does not stand in it.' });

/** `POST`. */
export const startErasure = endpoint({
  access: 'tenant:manage',
  summary: 'Erases what is known of one person; every total stays.',
  description:
    'Goes on in the background: ask for it by its id. Takes the name, session, request and trace ids, response id and metadata from the person’s events, texts from their raw usage, tags that hold the name from all events, and the sums by the name. What is covered and what is not: docs/retention.md. Cannot be undone.',
  tags: ['retention'],
  body: z.strictObject({
    user: name.meta({ description: 'As in the events’ `user`.' }),
    tenant: tenantId.optional(),
    thorough: z.boolean().default(false).meta({
      description: 'Take all tags and the task from the person’s events, not only tags that hold the name.',
    }),
    before: z.iso.datetime({ offset: true }).optional().meta({
      description: 'Events of a time before this one; by default now.',
    }),
  }),
  status: 202,
  answer: erasureAnswer,
  errors: ['unknown_tenant'],
  examples: [{ name: 'one person', body: { user: 'jane.doe@example.com', tenant: 'acme' } }],
  async handle({ context, identity, body }) {
    const tenant = writableTenant(identity, body.tenant);
    if ((await context.tenants.findTenant(tenant)) === null)
      throw new AppError('unknown_tenant', 'There is no such tenant.');
    const now = context.now();
    const before = new Date(body.before ?? now);
    if (before.getTime() > now + DAY_MS) {
      throw new AppError('invalid_body', 'An erasure reaches at most a day ahead.', {
        details: [{ path: 'before', message: 'lies more than a day ahead' }],
      });
    }
    const { user, thorough } = body;
    return context.eraser.start({ tenant, user, thorough, before, actor: actorOf(identity) });
  },
});

/** `GET`. */
export const listErasures = endpoint({
  access: 'tenant:manage',
  summary: 'The last erasures, newest first.',
  tags: ['retention'],
  query: z.strictObject({ tenant: tenantId.optional() }),
  answer: z.object({ erasures: z.array(erasureAnswer) }),
  examples: [{ name: 'all' }],
  async handle({ context, identity, query }) {
    return { erasures: await context.eraser.list(readableTenant(identity, query.tenant)) };
  },
});

/** `GET /:id`. */
export const getErasure = endpoint({
  access: 'tenant:manage',
  summary: 'How far an erasure is.',
  tags: ['retention'],
  params: z.strictObject({ id: z.uuid() }),
  answer: erasureAnswer,
  errors: ['not_found'],
  examples: [{ name: 'by id', params: { id: '01930000-0000-7000-8000-0000000000e0' } }],
  async handle({ context, identity, params }) {
    const found = await context.eraser.get(params.id, identity.tenantId);
    if (found === null) throw new AppError('not_found', 'There is no erasure with this id.');
    return found;
  },
});
