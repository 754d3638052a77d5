/** `/api/admin/jobs`: periodic work. */
import { z } from 'zod';
import { count, instantText } from '../values.ts';

const job = z
  .object({
    name: z.string(),
    about: z.string(),
    schedule: z.string().meta({ description: 'Minute, hour, day, month, day of week, in UTC.' }),
    last: z
      .object({
        started_at: instantText,
        finished_at: instantText.nullable(),
        duration_ms: z.number().nullable(),
        outcome: z.enum(['running', 'done', 'failed']),
        note: z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()])).nullable(),
        error: z.string().nullable(),
      })
      .nullable()
      .meta({ description: 'The last run, in whichever process; null before the first.' }),
    next: instantText.nullable().meta({ description: 'Null where this process takes no part.' }),
    runs: count,
    failures: count.meta({ description: 'Since the last run that succeeded.' }),
  })
  .meta({ id: 'Job', description: 'A piece of periodic work. One process at a time does it.' });

export const jobsAnswer = z.object({
  state: z.enum(['off', 'starting', 'running', 'unavailable', 'stopped']).meta({
    description: 'Of the process that answers; `unavailable` says in `reason` what to do.',
  }),
  reason: z.string().nullable(),
  jobs: z.array(job),
});

export const queuedJobAnswer = z.object({ queued: z.literal(true) });
