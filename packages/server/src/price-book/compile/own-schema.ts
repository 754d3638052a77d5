/** The shape of our own price files, `prices/*.json` and `prices/from-tables/*.json`. */

import type { MatchRule } from '@farthing/pricing';
import { METER_NAMES, type Meter, SERVICE_TIERS } from '@farthing/pricing';
import { z } from 'zod';

const decimal = z.string().regex(/^\d+(\.\d+)?$/, 'USD as plain decimal text, like "0.15"');
const instant = z.iso.datetime();
const day = z.iso.date();
const time = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d:[0-5]\d$/);
const count = z.int().positive();
const meter = z.enum(METER_NAMES as unknown as readonly [Meter, ...Meter[]]);
const tier = z.enum(SERVICE_TIERS);
const speed = z.enum(['standard', 'fast']);

const rule: z.ZodType<MatchRule> = z.lazy(() =>
  z.union([
    z.strictObject({ equals: z.string() }),
    z.strictObject({ starts_with: z.string() }),
    z.strictObject({ ends_with: z.string() }),
    z.strictObject({ contains: z.string() }),
    z.strictObject({ regex: z.string() }),
    z.strictObject({ or: z.array(rule) }),
    z.strictObject({ and: z.array(rule) }),
  ]),
);

const rate = z.union([
  decimal,
  z.strictObject({
    usd: decimal,
    per: count.exactOptional(),
    steps: z.array(z.strictObject({ from: count, usd: decimal })).exactOptional(),
    mode: z.enum(['cliff', 'marginal']).exactOptional(),
    minimum: z.number().positive().exactOptional(),
    increment: count.exactOptional(),
  }),
]);
const rates = z.partialRecord(meter, rate);
const source = z.strictObject({
  table: z.string().min(1).exactOptional(),
  version: z.string().min(1).exactOptional(),
  date: day,
  url: z.url().exactOptional(),
  checked: day.exactOptional(),
});
const interval = { from: instant.exactOptional(), to: instant.exactOptional() };

const card = z.strictObject({
  model: z.string().min(1),
  match: rule.exactOptional(),
  ...interval,
  timeOfDay: z
    .strictObject({ start: time, end: time, days: z.array(z.int().min(1).max(7)).nonempty().exactOptional() })
    .exactOptional(),
  tier: tier.exactOptional(),
  speed: speed.exactOptional(),
  region: z.string().min(1).exactOptional(),
  rates,
  unpriced: z.array(meter).nonempty().exactOptional(),
  source: source.exactOptional(),
});

/** A rule of a provider that derives cards from existing ones: "a batch costs half". Expanded to exact decimals. */
const derived = z.strictObject({
  models: rule,
  times: decimal,
  /** Conditions of the derived cards; the rest is copied from the source card. */
  tier: tier.exactOptional(),
  speed: speed.exactOptional(),
  region: z.string().min(1).exactOptional(),
  /** Made of cards of any tier and speed, not of standard ones alone. */
  stacks: z.literal(true).exactOptional(),
  unpriced: z.array(meter).nonempty().exactOptional(),
  ...interval,
  source,
});

/** One file of our own prices; `prices/README.md` says what each part means. */
export const ownPricesSchema = z.strictObject({
  $schema: z.string().exactOptional(),
  provider: z.string().min(1),
  source,
  regionClasses: z.record(z.string(), z.string().min(1)).exactOptional(),
  aliases: z
    .array(z.strictObject({ alias: z.string().min(1), model: z.string().min(1), ...interval }))
    .exactOptional(),
  cards: z.array(card).exactOptional(),
  derived: z.array(derived).exactOptional(),
  additions: z.array(z.strictObject({ models: rule, rates, source: source.exactOptional() })).exactOptional(),
});
export type OwnPrices = z.infer<typeof ownPricesSchema>;
export type OwnCard = NonNullable<OwnPrices['cards']>[number];
export type OwnDerived = NonNullable<OwnPrices['derived']>[number];
export type OwnSource = OwnPrices['source'];
