/** `/api/admin/erasure`: what is sent and what comes back. */
import { z } from 'zod';
import { TENANT_ID_PATTERN } from '../access/tenants.ts';
import { name } from '../events/usage-event.ts';
import { type AnswerOf, count, instantText } from '../values.ts';

/** The id of a tenant, as a parameter or in a body. */
export const tenantIdInput = z.string().regex(TENANT_ID_PATTERN, 'is not the id of a tenant');

export const startErasureInput = z.strictObject({
  user: name.meta({ description: 'As in the events’ `user`.' }),
  tenant: tenantIdInput.optional(),
  thorough: z.boolean().default(false).meta({
    description: 'Take all tags and the task from the person’s events, not only tags that hold the name.',
  }),
  before: z.iso.datetime({ offset: true }).optional().meta({
    description: 'Events of a time before this one; by default now.',
  }),
});

export const erasureAnswer = z
  .object({
    id: z.uuid(),
    tenant: z.string(),
    user_hash: z.string().meta({ description: 'SHA-256 over tenant, a slash and the name, in hex.' }),
    thorough: z.boolean(),
    before: instantText.meta({ description: 'Events of a time before this one were erased.' }),
    requested_at: instantText,
    requested_by: z.string(),
    status: z.enum(['running', 'done', 'failed']),
    finished_at: instantText.nullable(),
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
export type ErasureAnswer = AnswerOf<typeof erasureAnswer>;

export const erasuresAnswer = z.object({ erasures: z.array(erasureAnswer) });
