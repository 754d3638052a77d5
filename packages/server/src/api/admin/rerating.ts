/** `/api/admin/rerating`: rates history again. A run is started, looked at, and cancelled. */
import { AppError, startReratingInput } from '@farthing/contract';
import { canonicalProvider } from '@farthing/pricing';
import { z } from 'zod';
import { identityOf } from '../../http/access.ts';
import { parseBody, parseParameters } from '../../http/parse.ts';
import type { Endpoint } from '../endpoint.ts';
import { actorOf } from './bodies.ts';

const path = z.strictObject({ id: z.uuid() });
const missing = () => new AppError('not_found', 'There is no re-rating run with this id.');

/** `POST`: begins a run, by default a dry one; ask for it by its id to see how far it is. */
export const startRerating: Endpoint = {
  access: 'admin',
  async handle(context, request, reply) {
    const input = parseBody(startReratingInput, request.body);
    const { tenant, provider, model, from, to, reason } = input;
    if (tenant !== undefined && !(await context.tenants.listTenants()).some((one) => one.id === tenant)) {
      throw new AppError('not_found', `There is no tenant "${tenant}".`);
    }
    reply.code(202);
    return context.rerater.start({
      tenant: tenant ?? null,
      provider: provider === undefined ? null : canonicalProvider(provider),
      model: model ?? null,
      from: from ?? null,
      to: to ?? null,
      unpricedOnly: input.unpriced_only,
      dryRun: input.dry_run,
      reason,
      actor: actorOf(identityOf(request)),
    });
  },
};

/** `GET /:id`: the run with its progress and what it changed, or would change, by model and UTC day. */
export const getRerating: Endpoint = {
  access: 'admin',
  async handle(context, request) {
    const found = await context.rerater.get(parseParameters(path, request.params).id);
    if (found === null) throw missing();
    return { ...found.run, differences: found.differences };
  },
};

/** `GET`: the last runs, newest first. */
export const listRerating: Endpoint = {
  access: 'admin',
  async handle(context, request) {
    parseParameters(z.strictObject({}), request.query);
    return { runs: await context.rerater.list() };
  },
};

/** `POST /:id/cancel`: stops after the batch under way. What was changed stays changed. */
export const cancelRerating: Endpoint = {
  access: 'admin',
  async handle(context, request) {
    const { id } = parseParameters(path, request.params);
    const cancelled = await context.rerater.cancel(id, actorOf(identityOf(request)));
    const found = await context.rerater.get(id);
    if (found === null) throw missing();
    if (!cancelled) throw new AppError('conflict', `The run is ${found.run.status} already.`);
    return found.run;
  },
};
