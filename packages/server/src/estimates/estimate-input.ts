/** Input of `POST /api/cost/estimate` and of the dashboard's calculator. */
import { name } from '@farthing/contract';
import { checkQuantities, OPERATIONS, type Quantities, SERVICE_TIERS } from '@farthing/pricing';
import { z } from 'zod';
import { tenantInput } from '../parameters/tenant.ts';
import type { CallUsage, EstimatedCall } from './estimate-cost.ts';

/** Most kinds of calls of one estimate. */
export const MAX_ESTIMATED_CALLS = 50;
/** Most volumes of one estimate. */
export const MAX_VOLUMES = 20;

const tokens = z.int().nonnegative().optional();

/** Kinds of call whose price is known from what they use. */
const ESTIMATED_OPERATIONS = z.enum(OPERATIONS).exclude(['realtime', 'moderation', 'ocr', 'other']);

const usage = z.strictObject({
  input_tokens: tokens.meta({ description: 'All input tokens, cached ones included.' }),
  output_tokens: tokens.meta({ description: 'All output tokens, reasoning included.' }),
  cache_read_tokens: tokens.meta({ description: 'The part of the input that is read from a cache.' }),
  cache_write_tokens: tokens.meta({ description: 'The part of the input that is written to a cache.' }),
  reasoning_tokens: tokens.meta({ description: 'The part of the output that is reasoning.' }),
});

const quantities = z
  .record(z.string().max(60), z.number())
  .transform((given, context): Quantities => {
    const checked = checkQuantities(given);
    if (checked.ok) return checked.quantities;
    for (const { meter, message } of checked.problems.slice(0, 10)) {
      context.addIssue({ code: 'custom', path: [meter], message });
    }
    return z.NEVER;
  })
  .meta({ description: 'Quantities by meter, disjoint: `{"input_uncached": 1200, "output_text": 80}`.' });

const TIMES = /^(?!0+(\.0+)?$)\d{1,7}(\.\d{1,6})?$/;

const times = z
  .union([z.string(), z.number()])
  .transform(String)
  .pipe(z.string().regex(TIMES, 'must be a number above 0, at most seven digits and six decimals'))
  .meta({ description: 'How many of these calls one unit of work makes; 0.5 for every second one.' });

const use = { usage: usage.optional(), quantities: quantities.optional() };

export const estimateInput = z
  .strictObject({
    tenant: tenantInput
      .optional()
      .meta({ description: 'Administrators: whose prices; the public ones where absent.' }),
    models: z
      .array(z.strictObject({ provider: name.optional(), model: name, ...use, times: times.default('1') }))
      .min(1)
      .max(MAX_ESTIMATED_CALLS)
      .meta({
        description: 'Each with a `usage` or `quantities` of its own, or with those beside `models`.',
      }),
    ...use,
    calls: z
      .array(z.int().min(1).max(1_000_000_000_000))
      .max(MAX_VOLUMES)
      .default([])
      .meta({ description: 'Volumes to multiply by: [1000, 10000].' }),
    tier: z.enum(SERVICE_TIERS).default('standard'),
    region: name.optional(),
    operation: ESTIMATED_OPERATIONS.default('chat'),
    at: z.iso
      .datetime({ offset: true })
      .optional()
      .meta({ description: 'Prices of this time; now where absent.' }),
  })
  .superRefine((input, context) => {
    input.models.forEach((model, index) => {
      if (useOf(model) === 'two') {
        context.addIssue({
          code: 'custom',
          path: ['models', index],
          message: 'give usage or quantities, not both',
        });
      } else if (useOf(model) === null && useOf(input) === null) {
        context.addIssue({
          code: 'custom',
          path: ['models', index],
          message: 'say what a call uses: usage or quantities, here or beside models',
        });
      }
    });
    if (useOf(input) === 'two') {
      context.addIssue({ code: 'custom', path: ['usage'], message: 'give usage or quantities, not both' });
    }
  });
export type EstimateInput = z.output<typeof estimateInput>;

interface MaybeUse {
  readonly usage?: CallUsage['usage'];
  readonly quantities?: CallUsage['quantities'];
}

function useOf({ usage, quantities }: MaybeUse): CallUsage | 'two' | null {
  if (usage !== undefined) return quantities === undefined ? { usage } : 'two';
  return quantities === undefined ? null : { quantities };
}

/** The kinds of calls of a checked input, each with what it uses. */
export function estimatedCalls(input: EstimateInput): EstimatedCall[] {
  return input.models.map((model) => {
    const use = useOf(model) ?? useOf(input);
    if (use === null || use === 'two') throw new TypeError('the input was not checked');
    return { provider: model.provider, model: model.model, times: model.times, use };
  });
}
