/** `/api/admin/rerating`: rates history again. A run is started, looked at, and cancelled. */
import {
  AppError,
  reratingAnswer,
  reratingRunAnswer,
  reratingRunsAnswer,
  startReratingInput,
} from '@farthing/contract';
import { canonicalProvider } from '@farthing/pricing';
import { z } from 'zod';
import { actorOf } from '../../tenants/identity.ts';
import { endpoint } from '../endpoint.ts';

const path = z.strictObject({ id: z.uuid() });
const byId = { name: 'one run', params: { id: '01930000-0000-7000-8000-00000000000b' } };
const missing = () => new AppError('not_found', 'There is no re-rating run with this id.');

/** `POST`: begins a run, by default a dry one; ask for it by its id to see how far it is. */
export const startRerating = endpoint({
  access: 'instance:manage',
  summary: 'Begins to rate history again, by default as a dry run.',
  description: 'Ask for the run by its id to see how far it is and what it changes, or would change.',
  tags: ['prices'],
  body: startReratingInput,
  status: 202,
  answer: reratingRunAnswer,
  errors: ['not_found', 'conflict'],
  examples: [
    {
      name: 'what new prices would change',
      body: { provider: 'openai', unpriced_only: true, reason: 'prices of gpt-5.2 came late' },
    },
  ],
  async handle({ context, identity, body: input }) {
    const { tenant, provider, model, from, to, reason } = input;
    if (tenant !== undefined && !(await context.tenants.listTenants()).some((one) => one.id === tenant)) {
      throw new AppError('not_found', `There is no tenant "${tenant}".`);
    }
    return context.rerater.start({
      tenant: tenant ?? null,
      provider: provider === undefined ? null : canonicalProvider(provider),
      model: model ?? null,
      from: from ?? null,
      to: to ?? null,
      unpricedOnly: input.unpriced_only,
      dryRun: input.dry_run,
      reason,
      actor: actorOf(identity),
    });
  },
});

/** `GET /:id`: the run with its progress and what it changed, or would change, by model and UTC day. */
export const getRerating = endpoint({
  access: 'instance:manage',
  summary: 'A re-rating run: its progress, and what it changed by model and UTC day.',
  tags: ['prices'],
  params: path,
  answer: reratingAnswer,
  errors: ['not_found'],
  examples: [byId],
  async handle({ context, params }) {
    const found = await context.rerater.get(params.id);
    if (found === null) throw missing();
    return { ...found.run, differences: found.differences };
  },
});

/** `GET`: the last runs, newest first. */
export const listRerating = endpoint({
  access: 'instance:manage',
  summary: 'The last re-rating runs, newest first.',
  tags: ['prices'],
  answer: reratingRunsAnswer,
  examples: [{ name: 'all' }],
  async handle({ context }) {
    return { runs: await context.rerater.list() };
  },
});

/** `POST /:id/cancel`: stops after the current batch. Events already changed stay changed. */
export const cancelRerating = endpoint({
  access: 'instance:manage',
  summary: 'Stops a re-rating run after the batch under way.',
  description: 'What was changed stays changed.',
  tags: ['prices'],
  params: path,
  answer: reratingRunAnswer,
  errors: ['not_found', 'conflict'],
  examples: [byId],
  async handle({ context, identity, params: { id } }) {
    const cancelled = await context.rerater.cancel(id, actorOf(identity));
    const found = await context.rerater.get(id);
    if (found === null) throw missing();
    if (!cancelled) throw new AppError('conflict', `The run is ${found.run.status} already.`);
    return found.run;
  },
});
