/** Values that many answers are made of. A schema with an `id` is in the reference once, under that name. */
import { z } from 'zod';

/** An amount as decimal text: `"0.000435"`. Every digit counts; never an exponent. */
export const usdText = z.string().meta({
  id: 'UsdText',
  description: 'US dollars as exact decimal text, up to twelve decimals, never with an exponent.',
  pattern: '^-?(0|[1-9][0-9]*)(\\.[0-9]+)?$',
  examples: ['0.000435'],
});

declare const printedWithEveryDigit: unique symbol;

/**
 * An amount that is sent as a JSON number. A usual JSON parser reads it as a double, some 15 digits. Only the
 * server makes one, from decimal text (`exactNumber`): the type accepts no plain number.
 */
export type UsdNumber = number & { readonly [printedWithEveryDigit]: true };

/** An amount as a JSON number with all its digits, for the routes whose clients expect numbers. */
export const usdNumber = z
  .custom<UsdNumber>((value) => typeof value === 'number', 'must be a number')
  .meta({
    id: 'UsdNumber',
    type: 'number',
    description:
      'US dollars as a JSON number printed with every digit. A parser that reads numbers as doubles keeps about 15 of them: read the text where sums must be exact.',
    examples: [0.000435],
  });

/** An instant: `2026-11-22T13:07:33.000Z`. */
export const instantText = z.string().meta({
  id: 'Instant',
  format: 'date-time',
  description: 'RFC 3339, UTC.',
  examples: ['2026-11-22T13:07:33.000Z'],
});

/** A calendar day in the zone of the answer. */
export const day = z.string().meta({
  id: 'Day',
  format: 'date',
  description: 'A calendar day in the zone of the answer.',
  examples: ['2026-11-22'],
});

/** How many there are of something. */
export const count = z.int().nonnegative();

/** A share of a whole; null if the whole is zero. */
export const sharePct = z
  .number()
  .nullable()
  .meta({ description: 'Per cent of the total; null where the total is zero.' });

/** A half-open interval of time. */
export const interval = z.object({ from: instantText, to: instantText }).meta({
  id: 'Interval',
  description: 'From the first instant on, up to but not including the last.',
});

/** What to send back as `cursor` for the next page. */
export const nextCursor = z.string().nullable().meta({
  description: 'Send it back as `cursor`, with the same filters, for the next page; null on the last one.',
});

/** The type of an answer, read-only at every depth. */
type Frozen<T> = unknown extends T
  ? unknown
  : T extends string | number | boolean | null | undefined
    ? T
    : { readonly [K in keyof T]: Frozen<T[K]> };

/**
 * What a client reads from an endpoint that answers with this schema.
 *
 * @example type KeyAnswer = AnswerOf<typeof keyAnswer>;
 */
export type AnswerOf<Schema extends z.ZodType> = Frozen<z.output<Schema>>;
