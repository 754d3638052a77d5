/** `/api/admin/jobs`: periodic work. */
import { AppError } from '@farthing/contract';
import { z } from 'zod';
import type { JobStatus } from '../../jobs/job.ts';
import { audit } from '../../tenants/audit/write-audit.ts';
import { actorOf } from '../../tenants/identity.ts';
import { endpoint } from '../endpoint.ts';
import { count, instant } from '../schemas.ts';

const jobAnswer = z
  .object({
    name: z.string(),
    about: z.string(),
    schedule: z.string().meta({ description: 'Minute, hour, day, month, day of week, in UTC.' }),
    last: z
      .object({
        started_at: instant,
        finished_at: instant.nullable(),
        duration_ms: z.number().nullable(),
        outcome: z.enum(['running', 'done', 'failed']),
        note: z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()])).nullable(),
        error: z.string().nullable(),
      })
      .nullable()
      .meta({ description: 'The last run, in whichever process; null before the first.' }),
    next: instant.nullable().meta({ description: 'Null where this process takes no part.' }),
    runs: count,
    failures: count.meta({ description: 'Since the last run that succeeded.' }),
  })
  .meta({ id: 'Job', description: 'A piece of periodic work. One process at a time does it.' });

const body = ({ last, next, ...job }: JobStatus) => ({
  ...job,
  next: next?.toISOString() ?? null,
  last:
    last === null
      ? null
      : {
          started_at: last.startedAt.toISOString(),
          finished_at: last.finishedAt?.toISOString() ?? null,
          duration_ms: last.durationMs,
          outcome: last.outcome,
          note: last.note,
          error: last.error,
        },
});

/** `GET`. */
export const listJobs = endpoint({
  access: 'instance:manage',
  summary: 'Periodic work: last run, its duration and error, next run.',
  tags: ['operations'],
  answer: z.object({
    state: z.enum(['off', 'starting', 'running', 'unavailable', 'stopped']).meta({
      description: 'Of the process that answers; `unavailable` says in `reason` what to do.',
    }),
    reason: z.string().nullable(),
    jobs: z.array(jobAnswer),
  }),
  examples: [{ name: 'all' }],
  async handle({ context }) {
    const { state, reason, jobs } = await context.jobs.status();
    return { state, reason, jobs: jobs.map(body) };
  },
});

/** `POST /:name/run`. */
export const runJob = endpoint({
  access: 'instance:manage',
  summary: 'Runs a job now.',
  description:
    'Through the queue, or at once by the process that answers where it takes no part in it. However often a job is queued before it begins, it runs once, and never twice at a time.',
  tags: ['operations'],
  params: z.strictObject({ name: z.string().max(64) }),
  status: 202,
  answer: z.object({ queued: z.literal(true) }),
  errors: ['not_found', 'shutting_down'],
  examples: [{ name: 'the partitions', params: { name: 'partitions' } }],
  async handle({ context, identity, params }) {
    const { jobs } = await context.jobs.status();
    const names = jobs.map((job) => job.name);
    if (!names.includes(params.name))
      throw new AppError('not_found', `There is no job of this name: ${names.join(', ')}.`);
    if (!(await context.jobs.trigger(params.name)))
      throw new AppError('shutting_down', 'The server is stopping.');
    await context.db.asOperator((tx) =>
      audit(tx, {
        actor: actorOf(identity),
        action: 'job.run',
        tenantId: null,
        details: { job: params.name },
      }),
    );
    return { queued: true as const };
  },
});
