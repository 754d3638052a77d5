/** `/api/admin/prices` and `/api/admin/rerating`: what is sent. Prices are decimal text, never numbers. */
import { SERVICE_TIERS } from '@farthing/pricing';
import { z } from 'zod';
import { name } from '../events/usage-event.ts';
import { PRICE_PROBLEMS } from './price-jump.ts';

const instant = z.iso.datetime({ offset: true });
const tier = z.enum(SERVICE_TIERS);
/** By meter: text per the usual unit, or `{usd, per, steps, …}`. Read and checked as `COST_PRICING_OVERRIDES` is. */
const rates = z.record(z.string().max(60), z.unknown());
const interval = { from: instant.optional(), to: instant.optional() };

/** Confirms everything (`true`), or some kinds of doubtful changes. */
const confirm = z
  .union([z.boolean(), z.array(z.enum(PRICE_PROBLEMS)).max(PRICE_PROBLEMS.length)])
  .default(false);

/** The hours a card holds in, UTC; `days` from 1, Monday, to 7. */
const timeOfDay = z.strictObject({
  start: z.string().max(8),
  end: z.string().max(8),
  days: z.array(z.int().min(1).max(7)).min(1).max(7).optional(),
});

/** One price to add. */
export const addPriceInput = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('card'),
    provider: name,
    model: name,
    tier: tier.optional(),
    speed: z.enum(['standard', 'fast']).optional(),
    region: name.optional(),
    /** The hours in which it applies, in addition to its dates. */
    timeOfDay: timeOfDay.optional(),
    rates,
    /** Meters without a price that must not take that of a coarser one. */
    unpriced: z.array(z.string().max(60)).min(1).max(50).optional(),
    ...interval,
    /** Where the price was read. */
    url: z.string().max(2000).optional(),
    confirm,
  }),
  z.strictObject({ kind: z.literal('alias'), provider: name, alias: name, model: name, ...interval }),
  z.strictObject({
    kind: z.literal('override'),
    tenant: name,
    provider: name.optional(),
    model: name.optional(),
    tier: tier.optional(),
    /** Discount (negative) or markup on every rate, per cent: "-15". */
    percent: z
      .string()
      .regex(/^-?\d{1,5}(\.\d{1,4})?$/, 'must be per cent as decimal text, such as "-15"')
      .optional(),
    /** Negotiated rates: these meters at these prices, all others at list. */
    rates: rates.optional(),
    /** Fixed rates: these meters at these prices, everything else free. */
    fixed: rates.optional(),
    note: z.string().max(1000).optional(),
    ...interval,
  }),
]);
export type AddPriceInput = z.input<typeof addPriceInput>;

/** A table of prices. Without `confirm` it is only taken over if nothing in it must be confirmed. */
export const importPricesInput = z.strictObject({
  format: z.enum(['farthing', 'litellm']),
  data: z.unknown(),
  /** Names the table: a later import under the same name finds what vanished from it. */
  table: z.string().min(1).max(100).optional(),
  from: instant.optional(),
  url: z.string().max(2000).optional(),
  confirm,
  /** Answer the differences and change nothing. */
  dry_run: z.boolean().default(false),
});
export type ImportPricesInput = z.input<typeof importPricesInput>;

/** A refresh of the installed book from the price table that is installed now. */
export const refreshPricesInput = z.strictObject({
  /**
   * From when prices that changed without a date apply: an instant, `now` (the default) or `always`. Prices of new
   * models apply to all time.
   */
  from: z.union([instant, z.enum(['now', 'always'])]).default('now'),
  confirm,
  /** Answer the differences and change nothing. */
  dry_run: z.boolean().default(false),
});
export type RefreshPricesInput = z.input<typeof refreshPricesInput>;

export const listPricesQuery = z.strictObject({
  search: z.string().max(200).optional(),
  provider: name.optional(),
  limit: z.coerce.number().int().min(1).max(5000).default(100),
});

export const startReratingInput = z.strictObject({
  tenant: name.optional(),
  provider: name.optional(),
  model: name.optional(),
  ...interval,
  unpriced_only: z.boolean().default(false),
  dry_run: z.boolean().default(true),
  reason: z.string().trim().min(1).max(500),
});
export type StartReratingInput = z.input<typeof startReratingInput>;
