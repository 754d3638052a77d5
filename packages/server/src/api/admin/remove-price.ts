/** `DELETE /api/admin/prices/:kind/:id`: takes one of one's own prices back. Its row stays, with who and when. */
import { AppError } from '@farthing/contract';
import { z } from 'zod';
import { identityOf } from '../../http/access.ts';
import { parseParameters } from '../../http/parse.ts';
import { removePrice as remove } from '../../price-book/store.ts';
import type { Endpoint } from '../endpoint.ts';
import { actorOf } from './bodies.ts';

const path = z.strictObject({
  kind: z.enum(['card', 'alias', 'override']),
  id: z.string().regex(/^\d{1,18}$/, 'must be the number of a price'),
});

export const removePrice: Endpoint = {
  access: 'admin',
  async handle(context, request) {
    const { kind, id } = parseParameters(path, request.params);
    const actor = actorOf(identityOf(request));
    const removed = await context.db.asOperator((tx) => remove(tx, kind, id, actor));
    if (!removed) throw new AppError('not_found', `There is no ${kind} with this id, or it was taken back.`);
    await context.books.reload();
    return { kind, id, ...context.books.status() };
  },
};
