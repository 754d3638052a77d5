/** `/api/cost/{models,projects,users,…}`: what each value of a dimension costs. */
import { z } from 'zod';
import { count, instantText, sharePct, usdNumber } from '../values.ts';

/** Figures of an entry, of `other` and of `total`. */
const entryFigures = {
  cost_usd: usdNumber,
  operation_count: count,
  input_tokens: count,
  output_tokens: count,
  total_tokens: count,
  unpriced_requests: count,
};

/** Value of a dimension; null for events without one. */
export const dimensionValue = z
  .string()
  .nullable()
  .meta({ description: 'Null stands for the calls that have none.' });

/**
 * The answer of such a list; `entries` is its name, `entry` what an entry has besides its figures.
 *
 * @example breakdownAnswer('projects', { project: dimensionValue })
 */
export const breakdownAnswer = <const Name extends string, Entry extends z.ZodRawShape>(
  entries: Name,
  entry: Entry,
) => {
  const list = z.array(z.object({ ...entry, ...entryFigures, share_pct: sharePct }));
  return z.object({
    from: instantText,
    to: instantText,
    timezone: z.string(),
    total: z.object(entryFigures),
    ...({ [entries]: list } as { readonly [N in Name]: typeof list }),
    other: z.object({ entries: count, ...entryFigures, share_pct: sharePct }).optional(),
  });
};
