/** `/api/admin/prices/versions`: lists the changes of refreshes and imports, and withdraws one as a whole. */
import { AppError, priceVersionsAnswer, removedVersionAnswer } from '@farthing/contract';
import { z } from 'zod';
import { listVersions, oneAtATime, removeVersion } from '../../../price-book/version-store.ts';
import { actorOf } from '../../../tenants/identity.ts';
import { endpoint } from '../../endpoint.ts';

/** `GET`: the last 200, those taken back too. */
export const listPriceVersions = endpoint({
  access: 'instance:manage',
  summary: 'What refreshes and imports changed, newest first.',
  description: 'The last 200, those taken back too.',
  tags: ['prices'],
  answer: priceVersionsAnswer,
  examples: [{ name: 'all' }],
  async handle({ context }) {
    const versions = await context.db.asOperator(listVersions);
    return {
      ...context.books.status(),
      versions: versions.map((one) => ({ ...one, confirmed: [...one.confirmed] })),
    };
  },
});

/** `DELETE /:id`: its prices leave every book; prices that an import had withdrawn are in force again. */
export const removePriceVersion = endpoint({
  access: 'instance:manage',
  summary: 'Takes a refresh or an import back as a whole.',
  description: 'What it added is part of no book any more; what an import took back is in force again.',
  tags: ['prices'],
  params: z.strictObject({ id: z.string().regex(/^\d{1,18}$/, 'must be the number of a version') }),
  answer: removedVersionAnswer,
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
