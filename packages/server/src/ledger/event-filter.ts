/** Filter of an event list: validated input, the same over REST and tRPC. */
import { z } from 'zod';
import { LISTED, type ListedDimension } from './dimensions.ts';

/** Most events of one page. */
export const MAX_EVENT_PAGE = 1_000;

/** Text to compare a column with: anything that Postgres can store, NUL is not. */
export const filterValueInput = z
  .string()
  .max(256)
  .refine((text) => !text.includes('\0'), 'must not contain NUL');
const value = filterValueInput;

const texts = Object.fromEntries(LISTED.map(({ name }) => [name, value.optional()])) as {
  readonly [D in ListedDimension]: ReturnType<typeof value.optional>;
};

/** Exact match on a dimension's column; "" asks for events without a value. */
export const eventFilterInput = z.strictObject({
  ...texts,
  status: z.enum(['ok', 'error', 'aborted']).optional(),
  door: z.enum(['sdk', 'gateway', 'otlp', 'import', 'api']).optional(),
  /** true: only events without a price; false: only priced ones. */
  unpriced: z.boolean().optional(),
  /** Every tag named must have the value. */
  tags: z
    .record(filterValueInput.min(1), value)
    .refine((tags) => Object.keys(tags).length <= 8, 'filters by at most 8 tags')
    .optional(),
});
export type EventFilter = z.infer<typeof eventFilterInput>;
