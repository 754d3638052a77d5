/** `/api/admin/prices/import` and `…/refresh`: what changes, and what must be confirmed first. */
import { z } from 'zod';
import { type AnswerOf, count } from '../values.ts';
import { bookStatusFields } from './book.ts';
import { PRICE_PROBLEMS } from './price-jump.ts';

/** One price that an import or a new card would change. */
export const priceChange = z
  .object({
    provider: z.string(),
    model: z.string(),
    tier: z.string(),
    speed: z.string(),
    region: z.string().nullable(),
    meter: z.string().nullable().meta({ description: 'Null where the whole model or card is meant.' }),
    old_usd: z.string().nullable(),
    old_per: z.number().nullable(),
    new_usd: z.string().nullable(),
    new_per: z.number().nullable(),
    percent: z.string().nullable().meta({ description: 'Of the price of one unit: "+12.5".' }),
    problem: z.enum(PRICE_PROBLEMS).nullable(),
    message: z.string().nullable(),
  })
  .meta({ id: 'PriceChange', description: 'One price that changes; with a `problem` it needs a yes.' });

export type PriceChangeAnswer = AnswerOf<typeof priceChange>;

const changes = z.array(priceChange).meta({ description: 'The doubtful ones first, 500 at most.' });

export const importedPricesAnswer = z.object({
  read: count,
  version: z.string().nullable().meta({ description: 'What the import is stored as; null = nothing was.' }),
  doubtful: count,
  added: count,
  removed: count,
  skipped: z
    .array(z.object({ field: z.string(), reason: z.string(), models: count, examples: z.array(z.string()) }))
    .meta({ description: 'Columns of the table that were not read.' }),
  changes,
});
export type ImportedPricesAnswer = AnswerOf<typeof importedPricesAnswer>;

export const refreshedPricesAnswer = z.object({
  book: z.string().meta({ description: 'The book that the table compiles to.' }),
  version_id: z.string().nullable().meta({ description: 'What it is stored as; null = nothing was.' }),
  added: count.meta({ description: 'Models.' }),
  changed: count,
  vanished: count,
  unchanged: count,
  doubtful: count,
  changes,
  ...bookStatusFields,
});
export type RefreshedPricesAnswer = AnswerOf<typeof refreshedPricesAnswer>;

/** `error.details` where changes need a yes that was not given. */
export const priceDoubts = z.object({
  doubtful: count,
  /** How many of each kind. */
  needs: z.partialRecord(z.enum(PRICE_PROBLEMS), count),
  changes,
});
export type PriceDoubts = AnswerOf<typeof priceDoubts>;
