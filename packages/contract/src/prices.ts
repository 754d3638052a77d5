/** `/api/admin/prices` and `/api/admin/rerating`: what is sent. Prices are decimal text, never numbers. */
import { z } from 'zod';
import { name } from './usage-event.ts';

const instant = z.iso.datetime({ offset: true });
const tier = z.enum(['standard', 'batch', 'flex', 'priority', 'scale']);
/** By meter: text per the usual unit, or `{usd, per, steps, …}`. Read and checked as `COST_PRICING_OVERRIDES` is. */
const rates = z.record(z.string().max(60), z.unknown());
const interval = { from: instant.optional(), to: instant.optional() };

/** One price to add. */
export const addPriceInput = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('card'),
    provider: name,
    model: name,
    tier: tier.optional(),
    speed: z.enum(['standard', 'fast']).optional(),
    region: name.optional(),
    rates,
    ...interval,
    /** Where the price was read. */
    url: z.string().max(2000).optional(),
    confirm: z.boolean().default(false),
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

/** A table of prices. Without `confirm` it is only taken where nothing in it needs a yes. */
export const importPricesInput = z.strictObject({
  format: z.enum(['farthing', 'litellm']),
  data: z.unknown(),
  /** Names the table: a later import under the same name finds what vanished from it. */
  table: z.string().min(1).max(100).optional(),
  from: instant.optional(),
  url: z.string().max(2000).optional(),
  confirm: z.boolean().default(false),
  /** Answer the differences and change nothing. */
  dry_run: z.boolean().default(false),
});
export type ImportPricesInput = z.input<typeof importPricesInput>;

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
