/** `/api/admin/prices`: the book in force, and one's own prices. Prices are decimal text. */
import { z } from 'zod';
import { type AnswerOf, count, instantText } from '../values.ts';

const open = instantText.nullable();
const rates = z.record(z.string(), z.unknown()).meta({
  description: 'By meter: text per the usual unit, or `{usd, per, steps, …}`.',
});

/** Which prices are in force. */
export const bookStatus = z
  .object({
    version: z.string(),
    problem: z.string().nullable().meta({
      description:
        'Why the newest prices are not in force; null = they are. The last good ones are used meanwhile.',
    }),
  })
  .meta({ id: 'BookStatus', description: 'Which prices are in force.' });

/** {@link bookStatus} beside other members. */
export const bookStatusFields = bookStatus.shape;

export const priceKind = z.enum(['card', 'alias', 'override']);

const provenance = z.object({
  table: z.string(),
  version: z.string(),
  date: z.string(),
  url: z.string().nullable().optional(),
  checked: z.string().nullable().optional(),
});

const history = {
  id: z.string(),
  valid_from: open,
  valid_to: open,
  created_at: instantText,
  created_by: z.string(),
  removed_at: open,
  removed_by: z.string().nullable(),
};

const tier = z.string();

const timeOfDay = z
  .object({ start: z.string(), end: z.string(), days: z.array(z.number()).optional() })
  .meta({ description: 'UTC; days from 1, Monday, to 7.' });

/** The rows of one's own prices. */
const ownPrices = z.object({
  cards: z.array(
    z.object({
      ...history,
      provider: z.string(),
      model: z.string(),
      tier,
      speed: z.string(),
      region: z.string().nullable(),
      time_of_day: timeOfDay.nullable(),
      rates,
      unpriced: z.array(z.string()).nullable(),
      version_id: z.string().nullable().meta({ description: 'The import it came with.' }),
      provenance,
    }),
  ),
  aliases: z.array(z.object({ ...history, provider: z.string(), alias: z.string(), model: z.string() })),
  refreshes: z.array(z.string()).meta({ description: 'Refreshes in force, oldest first.' }),
  overrides: z.array(
    z.object({
      ...history,
      tenant: z.string(),
      kind: z.enum(['percent', 'rates', 'fixed']),
      provider: z.string().nullable(),
      model: z.string().nullable(),
      tier: tier.nullable(),
      percent: z.string().nullable(),
      rates: rates.nullable(),
      note: z.string().nullable(),
    }),
  ),
});

/** A card of the book in force. */
const rateCard = z
  .object({
    id: z.string(),
    provider: z.string(),
    model: z.string(),
    from: open,
    to: open,
    timeOfDay: timeOfDay.optional(),
    tier,
    speed: z.string(),
    region: z.string().nullable(),
    rates,
    unpriced: z.array(z.string()).optional(),
    provenance,
  })
  .meta({ id: 'RateCard', description: 'The prices of one provider and model over one interval.' });

/** One's own prices, and the cards that were searched for. */
export const pricesAnswer = z.object({
  ...bookStatusFields,
  own: ownPrices.meta({ description: 'With those taken back, newest first.' }),
  cards: z.array(rateCard),
  found: count.meta({ description: 'Cards found; `limit` of them are answered.' }),
});

export type PricesAnswer = AnswerOf<typeof pricesAnswer>;

/** A price that was added or taken back. */
export const changedPriceAnswer = z.object({ kind: priceKind, id: z.string(), ...bookStatusFields });
