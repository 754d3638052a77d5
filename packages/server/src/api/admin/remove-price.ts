/** `DELETE /api/admin/prices/:kind/:id`: takes one of one's own prices back. Its row stays, with who and when. */
import { AppError } from '@farthing/contract';
import { z } from 'zod';
import { removePrice as remove } from '../../price-book/store.ts';
import { endpoint } from '../endpoint.ts';
import { actorOf } from './key-bounds.ts';
import { bookStatusFields, priceKind } from './price-schemas.ts';

const path = z.strictObject({
  kind: priceKind,
  id: z.string().regex(/^\d{1,18}$/, 'must be the number of a price'),
});

export const removePrice = endpoint({
  access: 'instance:manage',
  summary: "Takes one of one's own prices back.",
  description: 'Its row stays, with who took it back and when.',
  tags: ['prices'],
  params: path,
  answer: z.object({ kind: priceKind, id: z.string(), ...bookStatusFields }),
  errors: ['not_found'],
  examples: [{ name: 'a card', params: { kind: 'card', id: '1' } }],
  async handle({ context, identity, params: { kind, id } }) {
    const actor = actorOf(identity);
    const removed = await context.db.asOperator((tx) => remove(tx, kind, id, actor));
    if (!removed) throw new AppError('not_found', `There is no ${kind} with this id, or it was taken back.`);
    await context.books.reload();
    return { kind, id, ...context.books.status() };
  },
});
