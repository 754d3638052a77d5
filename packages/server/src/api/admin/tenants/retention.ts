/** `/api/admin/tenants/:id/retention`: how long a tenant's events are kept. Sums are not affected. */
import { AppError, changedRetentionAnswer, putRetentionInput, retentionAnswer } from '@farthing/contract';
import { z } from 'zod';
import type { RetentionEffect } from '../../../retention/retention.ts';
import { actorOf, type Identity } from '../../../tenants/identity.ts';
import { endpoint } from '../../endpoint.ts';

const path = z.strictObject({ id: z.string().max(63) });

function body(effect: RetentionEffect | null) {
  if (effect === null) throw new AppError('not_found', 'There is no tenant with this id.');
  return {
    tenant: effect.tenant,
    days: effect.days,
    instance_days: effect.instanceDays,
    effective_days: effect.effectiveDays,
    events_from: effect.eventsFrom?.toISOString() ?? null,
    moves_to: effect.movesTo?.toISOString() ?? null,
    events_going: effect.eventsGoing,
  };
}

/** Another tenant answers as if there were none. */
function ownTenant(identity: Identity, id: string): string {
  if (identity.tenantId === null || identity.tenantId === id) return id;
  throw new AppError('not_found', 'There is no tenant with this id.');
}

/** `GET`. */
export const getRetention = endpoint({
  access: 'tenant:manage',
  summary: 'How long a tenant’s events are kept, and what goes next.',
  tags: ['retention'],
  params: path,
  answer: retentionAnswer,
  errors: ['not_found'],
  examples: [{ name: 'of one tenant', params: { id: 'acme' } }],
  async handle({ context, identity, params }) {
    return body(await context.retention.get(ownTenant(identity, params.id)));
  },
});

/** `PUT`: sets it, or with `dry_run` (as it is unless said otherwise) only tells what it would do. */
export const putRetention = endpoint({
  access: 'tenant:manage',
  summary: 'Sets how long a tenant’s events are kept, by default as a dry run.',
  description:
    'Sums are kept for ever; what goes are single events, with their ids, adjustments and what was quarantined. Events go with the next round of retention, once an hour, so a slip can be taken back until then. What is gone does not come back: a watermark never moves back.',
  tags: ['retention'],
  params: path,
  body: putRetentionInput,
  answer: changedRetentionAnswer,
  errors: ['not_found'],
  examples: [{ name: 'what 90 days would let go', params: { id: 'acme' }, body: { days: 90 } }],
  async handle({ context, identity, params, body: asked }) {
    const tenant = ownTenant(identity, params.id);
    const effect = asked.dry_run
      ? await context.retention.preview(tenant, asked.days)
      : await context.retention.set(tenant, asked.days, actorOf(identity));
    return { ...body(effect), dry_run: asked.dry_run };
  },
});
