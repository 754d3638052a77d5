/** `/api/admin/tenants/:id/retention`: how long a tenant's events are kept. */
import { z } from 'zod';
import { type AnswerOf, count, instantText } from '../values.ts';

/** Longest time that can be asked for: a century. */
export const MOST_RETENTION_DAYS = 36_500;

const days = z.int().min(1).max(MOST_RETENTION_DAYS).nullable();

export const putRetentionInput = z.strictObject({
  days,
  dry_run: z.boolean().default(true).meta({ description: 'True: nothing is changed.' }),
});

export const retentionAnswer = z
  .object({
    tenant: z.string(),
    days: days.meta({ description: 'The tenant’s own setting; null = as long as the instance keeps.' }),
    instance_days: days.meta({
      description: 'The instance’s maximum (`FARTHING_RETENTION_DAYS`); null = none.',
    }),
    effective_days: days.meta({
      description: 'The stricter of both: today and so many days before it are kept.',
    }),
    events_from: instantText.nullable().meta({
      description: 'The watermark: events from before it are gone or going, and their sums are the record.',
    }),
    moves_to: instantText.nullable().meta({
      description: 'Where the next round of retention puts the watermark; null = it stays.',
    }),
    events_going: count.meta({ description: 'Events that then lie below it.' }),
  })
  .meta({ id: 'Retention', description: 'How long a tenant’s events are kept.' });

/** After a change, or what one would do. */
export const changedRetentionAnswer = retentionAnswer.extend({ dry_run: z.boolean() });

export type RetentionAnswer = AnswerOf<typeof retentionAnswer> & { readonly dry_run?: boolean };
