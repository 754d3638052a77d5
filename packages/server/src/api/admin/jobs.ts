/** `/api/admin/jobs`: periodic work. */
import { AppError, jobsAnswer, queuedJobAnswer } from '@farthing/contract';
import { z } from 'zod';
import type { JobStatus } from '../../jobs/job.ts';
import { audit } from '../../tenants/audit/write-audit.ts';
import { actorOf } from '../../tenants/identity.ts';
import { endpoint } from '../endpoint.ts';

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
  answer: jobsAnswer,
  examples: [{ name: 'all' }],
  async handle({ context }) {
    const { state, reason, jobs } = await context.jobs.status();
    return { state, reason, jobs: jobs.map(body) };
  },
});

/** `POST /:name/run`. */
export const queueJob = endpoint({
  access: 'instance:manage',
  summary: 'Runs a job now.',
  description:
    'Runs through the queue, or at once in the answering process if that takes no part in the queue. A job queued several times before it starts runs once, and never twice at the same time.',
  tags: ['operations'],
  params: z.strictObject({ name: z.string().max(64) }),
  status: 202,
  answer: queuedJobAnswer,
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
