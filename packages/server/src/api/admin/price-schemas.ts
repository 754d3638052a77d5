/** Prices and what changes them, as answers carry them. Prices are decimal text. */
import { PRICE_PROBLEMS } from '@farthing/contract';
import { z } from 'zod';
import { count, instant } from '../schemas.ts';

const open = instant.nullable();
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
  created_at: instant,
  created_by: z.string(),
  removed_at: open,
  removed_by: z.string().nullable(),
};

const tier = z.string();

const timeOfDay = z
  .object({ start: z.string(), end: z.string(), days: z.array(z.number()).optional() })
  .meta({ description: 'UTC; days from 1, Monday, to 7.' });

/** A version of the prices kept in the database. */
export const priceVersion = z
  .object({
    id: z.string(),
    kind: z.enum(['refresh', 'import']),
    source: z.string(),
    book: z.string().nullable().meta({ description: 'Of a refresh: the book that the table compiled to.' }),
    added: count,
    changed: count,
    vanished: count,
    unchanged: count,
    confirmed: z.array(z.string()).meta({ description: 'Kinds of doubtful changes that were confirmed.' }),
    created_at: instant,
    created_by: z.string(),
    removed_at: open,
    removed_by: z.string().nullable(),
  })
  .meta({ id: 'PriceVersion', description: 'What a refresh or an import changed at one moment.' });

/** The rows of one's own prices. */
export const ownPrices = z.object({
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
export const rateCard = z
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

/** One price that an import or a new card would change. */
export const priceChange = z
  .object({
    provider: z.string(),
    model: z.string(),
    tier,
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

const money = z.string().meta({ description: 'US dollars as decimal text.' });

/** A re-rating run with its progress. */
export const reratingRun = z
  .object({
    id: z.uuid(),
    status: z.enum(['running', 'done', 'cancelled', 'failed']),
    dry_run: z.boolean(),
    reason: z.string(),
    created_at: instant,
    created_by: z.string(),
    finished_at: open,
    tenant: z.string().nullable(),
    provider: z.string().nullable(),
    model: z.string().nullable(),
    from: open,
    to: open,
    unpriced_only: z.boolean(),
    expected: count.nullable().meta({ description: 'Events selected; null until they are counted.' }),
    scanned: count,
    changed: count,
    longest_ms: z.number().meta({ description: 'The longest transaction of the run.' }),
    error: z.string().nullable(),
  })
  .meta({ id: 'ReratingRun', description: 'A re-rating run with its progress.' });

/** What a run changed of one model on one UTC day. */
export const dayDifference = z.object({
  tenant: z.string(),
  day: z.string(),
  provider: z.string(),
  model: z.string(),
  events: count,
  old_usd: money,
  new_usd: money,
  old_unpriced: count,
  new_unpriced: count,
});
