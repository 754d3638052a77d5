/**
 * Models of providers that only one of the two tables covers, and that the base table does not know. If the other
 * table has such a model after all, with another price, neither is followed.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import type { PriceBook } from '../../../packages/pricing/src/book/price-book.ts';
import type { Meter } from '../../../packages/pricing/src/usage/meters.ts';
import type { OwnCard } from '../../../packages/server/src/price-book/compile/own-schema.ts';
import { same } from './decide.ts';
import { scaled } from './facts.ts';
import { LITELLM } from './litellm.ts';
import type { Disagreement } from './reconcile.ts';

/** Our provider, the table's names for it, and the prefix of its models there. */
export const LONE_PROVIDERS = {
  ai21: { theirs: ['ai21'], prefix: '' },
  alibaba: { theirs: ['dashscope'], prefix: 'dashscope/' },
  cohere: { theirs: ['cohere', 'cohere_chat'], prefix: 'cohere/' },
  crusoe: { theirs: ['crusoe'], prefix: 'crusoe/' },
  deepinfra: { theirs: ['deepinfra'], prefix: 'deepinfra/' },
  friendli: { theirs: ['friendliai'], prefix: 'friendliai/' },
  hyperbolic: { theirs: ['hyperbolic'], prefix: 'hyperbolic/' },
  inception: { theirs: ['inception'], prefix: 'inception/' },
  jina: { theirs: ['jina_ai'], prefix: '' },
  lambda: { theirs: ['lambda_ai'], prefix: 'lambda_ai/' },
  nebius: { theirs: ['nebius'], prefix: 'nebius/' },
  novita: { theirs: ['novita'], prefix: 'novita/' },
  sambanova: { theirs: ['sambanova'], prefix: 'sambanova/' },
  scaleway: { theirs: ['scaleway'], prefix: 'scaleway/' },
  voyageai: { theirs: ['voyage'], prefix: 'voyage/' },
  watsonx: { theirs: ['watsonx'], prefix: 'watsonx/' },
} as const;
export type LoneProvider = keyof typeof LONE_PROVIDERS;

const price = z.number().optional();
const prices = z.object({
  input_cost_per_token: price,
  output_cost_per_token: price,
  output_cost_per_reasoning_token: price,
  cache_read_input_token_cost: price,
});
const tier = prices.extend({ range: z.tuple([z.number(), z.number()]) });
const entry = prices.extend({
  litellm_provider: z.string().optional(),
  mode: z.string().optional(),
  input_cost_per_query: price,
  tiered_pricing: z.array(tier).optional(),
});
type Entry = z.infer<typeof entry>;
type Field = keyof z.infer<typeof prices>;

const METERS: readonly (readonly [Field, Meter])[] = [
  ['input_cost_per_token', 'input_uncached'],
  ['cache_read_input_token_cost', 'input_cache_read'],
  ['output_cost_per_token', 'output_text'],
  ['output_cost_per_reasoning_token', 'output_reasoning'],
];

/** A token for more than this is a slip: no embedding or chat model costs a hundred dollars a million. */
const DEAREST = 100;

/** One standard card per model that is not known yet. */
export function loneModels(
  provider: LoneProvider,
  folder: string,
  book: PriceBook,
  told: Disagreement[],
): OwnCard[] {
  const { theirs, prefix } = LONE_PROVIDERS[provider];
  const table = z
    .record(z.string(), z.unknown())
    .parse(JSON.parse(readFileSync(join(folder, 'litellm-model-prices.json'), 'utf8')));
  const other = otherTable(provider, folder);
  return Object.entries(table).flatMap(([key, value]): OwnCard[] => {
    const parsed = entry.safeParse(value);
    if (!parsed.success || !(theirs as readonly string[]).includes(parsed.data.litellm_provider ?? ''))
      return [];
    const model = key.startsWith(prefix) ? key.slice(prefix.length) : key;
    if (model.includes('@') || isKnown(book, provider, model)) return [];
    const rates = ratesOf(parsed.data);
    if (rates === null) return [];
    const second = other.get(model);
    const first = firstPrice(rates);
    if (second !== undefined && first !== null && !same(second, first)) {
      const says = [
        ['litellm', first],
        ['portkey', second],
      ] as const;
      told.push({
        provider,
        model,
        mode: 'standard',
        meter: 'input',
        says,
        followed: 'none',
        why: 'not in the base table',
      });
      return [];
    }
    return [{ model, rates: rates as OwnCard['rates'], source: { ...LITELLM } }];
  });
}

type Rates = { [M in Meter]?: OwnCard['rates'][M] };

function ratesOf(one: Entry): Rates | null {
  const perQuery = one.input_cost_per_query;
  if (one.mode === 'rerank' && perQuery !== undefined) {
    const usd = scaled(perQuery, 1000n);
    return usd === null ? null : { rerank_units: usd };
  }
  const [base, ...steps] = one.tiered_pricing ?? [one];
  if (base === undefined) return null;
  const rates: Rates = {};
  for (const [field, meter] of METERS) {
    const usd = perMillion(base[field]);
    if (usd === null || usd === '0') continue;
    const above = (one.tiered_pricing === undefined ? [] : (steps as z.infer<typeof tier>[])).flatMap(
      (step) => {
        const more = perMillion(step[field]);
        // "Up to 32,000 tokens" ends with that token.
        return more === null ? [] : [{ from: step.range[0] + 1, usd: more }];
      },
    );
    rates[meter] = above.length === 0 ? usd : { usd, steps: above };
  }
  const input = perMillion(base.input_cost_per_token);
  // Nothing at all is free or unknown, which the table does not tell apart.
  return input === null || input === '0' || Number(input) >= DEAREST ? null : rates;
}

const perMillion = (value: number | undefined) => (value === undefined ? null : scaled(value, 1_000_000n));

function firstPrice(rates: Rates): string | null {
  const rate = rates.rerank_units ?? rates.input_uncached;
  return rate === undefined ? null : typeof rate === 'string' ? rate : rate.usd;
}

const portkey = z.record(
  z.string(),
  z.object({
    pricing_config: z
      .object({ pay_as_you_go: z.object({ request_token: z.object({ price: z.number() }).optional() }) })
      .nullish(),
  }),
);

/** What Portkey asks for a unit of input, in our scale; its figures are cents, of a search where it is a reranker. */
function otherTable(provider: LoneProvider, folder: string): ReadonlyMap<string, string> {
  if (provider !== 'cohere') return new Map();
  const table = portkey.parse(JSON.parse(readFileSync(join(folder, 'portkey/cohere.json'), 'utf8')));
  return new Map(
    Object.entries(table).flatMap(([model, { pricing_config }]) => {
      const cents = pricing_config?.pay_as_you_go.request_token?.price;
      const factor = model.startsWith('rerank') ? 1000n : 1_000_000n;
      const usd = cents === undefined ? null : scaled(cents, factor, 100);
      return usd === null ? [] : [[model, usd] as const];
    }),
  );
}

function isKnown(book: PriceBook, provider: string, model: string): boolean {
  const at = Date.parse('2026-08-21T12:00:00Z');
  const { reason } = book.lookup({ provider, model, at, tier: 'standard', speed: null, region: null });
  return reason !== 'unknown_model' && reason !== 'unknown_provider';
}
