/** `/api/admin/prices/versions`: what refreshes and imports changed, and taking one back as a whole. */
import { AppError } from '@farthing/contract';
import { z } from 'zod';
import { listVersions, oneAtATime, removeVersion } from '../../price-book/version-store.ts';
import { endpoint } from '../endpoint.ts';
import { actorOf } from './bodies.ts';
import { bookStatusFields, priceVersion } from './price-schemas.ts';

/** `GET`: the last 200, those taken back too. */
export const listPriceVersions = endpoint({
  access: 'instance:manage',
  summary: 'What refreshes and imports changed, newest first.',
  description: 'The last 200, those taken back too.',
  tags: ['prices'],
  answer: z.object({ ...bookStatusFields, versions: z.array(priceVersion) }),
  examples: [{ name: 'all' }],
  async handle({ context }) {
    const versions = await context.db.asOperator(listVersions);
    return {
      ...context.books.status(),
      versions: versions.map((one) => ({ ...one, confirmed: [...one.confirmed] })),
    };
  },
});

/** `DELETE /:id`: what it added is part of no book any more; what an import took back is in force again. */
export const removePriceVersion = endpoint({
  access: 'instance:manage',
  summary: 'Takes a refresh or an import back as a whole.',
  description: 'What it added is part of no book any more; what an import took back is in force again.',
  tags: ['prices'],
  params: z.strictObject({ id: z.string().regex(/^\d{1,18}$/, 'must be the number of a version') }),
  answer: z.object({ id: z.string(), ...bookStatusFields }),
  errors: ['not_found'],
  examples: [{ name: 'one version', params: { id: '1' } }],
  async handle({ context, identity, params: { id } }) {
    const removed = await context.db.asOperator(async (tx) => {
      await oneAtATime(tx);
      return removeVersion(tx, id, actorOf(identity));
    });
    if (!removed) throw new AppError('not_found', 'There is no version with this id, or it was taken back.');
    await context.books.reload();
    return { id, ...context.books.status() };
  },
});
