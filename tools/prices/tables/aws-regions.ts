/** Prices of single AWS regions, which LiteLLM alone lists: `bedrock/<region>/<model>`. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import type { PriceBook, RateCard } from '../../../packages/pricing/src/book/price-book.ts';
import type { Meter } from '../../../packages/pricing/src/usage/meters.ts';
import type { OwnCard } from '../../../packages/server/src/price-book/compile/own-schema.ts';
import { compare, same } from './decide.ts';
import { scaled } from './facts.ts';
import { LITELLM } from './litellm.ts';
import type { Disagreement } from './reconcile.ts';

const price = z.number().optional();
const entry = z.object({
  input_cost_per_token: price,
  output_cost_per_token: price,
  cache_read_input_token_cost: price,
  cache_creation_input_token_cost: price,
});
type Entry = z.infer<typeof entry>;

const KEY = /^bedrock\/([a-z]{2}(?:-[a-z]+)+-\d)\/([^/]+)$/;

/** Input and output rise together from region to region; where they do not by this share, one of them is a slip. */
const MOST_APART = 0.2;

/** A card per model and region whose price is not the general one. */
export function regionalCards(folder: string, book: PriceBook, told: Disagreement[]): OwnCard[] {
  const path = join(folder, 'litellm-model-prices.json');
  const table = z.record(z.string(), z.unknown()).parse(JSON.parse(readFileSync(path, 'utf8')));
  const made = new Map<string, OwnCard>();
  for (const [key, value] of Object.entries(table)) {
    const [, region, model] = KEY.exec(key) ?? [];
    const regional = entry.safeParse(value);
    if (region === undefined || model === undefined || !regional.success) continue;
    const base = standardCard(book, model);
    const general = entry.safeParse(table[model]);
    if (base === null || !general.success) continue;
    const card = regionalCard(base, region, general.data, regional.data, told);
    if (card !== null) made.set(`${base.model} ${region}`, card);
  }
  return [...made.values()];
}

function regionalCard(
  base: RateCard,
  region: string,
  general: Entry,
  regional: Entry,
  told: Disagreement[],
): OwnCard | null {
  const input = perMillion(regional.input_cost_per_token);
  const output = perMillion(regional.output_cost_per_token);
  const ours = [base.rates.input_uncached?.usd, base.rates.output_text?.usd];
  const theirs = [perMillion(general.input_cost_per_token), perMillion(general.output_cost_per_token)];
  const [from, to] = ours;
  if (input === null || output === null || from === undefined || to === undefined) return null;
  if (same(input, from) && same(output, to)) return null;
  const tell = (why: string) =>
    told.push({
      provider: 'bedrock',
      model: base.model,
      mode: `standard ${region}`,
      meter: 'input / output',
      says: [
        ['ours', `${from} / ${to}`],
        ['litellm', `${input} / ${output}`],
      ],
      followed: 'none',
      why,
    });
  if (!same(theirs[0] ?? '0', from) || !same(theirs[1] ?? '0', to)) {
    tell(`its price without a region is ${theirs.join(' / ')}`);
    return null;
  }
  if (compare(input, from) < 0 || compare(output, to) < 0 || apart(input, from, output, to) > MOST_APART) {
    tell('a region cheaper than anywhere, or input and output by different factors');
    return null;
  }
  const stated: { [M in Meter]?: string | null } = {
    input_uncached: input,
    output_text: output,
    input_cache_read: perMillion(regional.cache_read_input_token_cost),
    input_cache_write: perMillion(regional.cache_creation_input_token_cost),
    input_cache_write_5m: perMillion(regional.cache_creation_input_token_cost),
  };
  const rates: { [M in Meter]?: string } = {};
  const unpriced: Meter[] = [];
  for (const meter of Object.keys(base.rates) as Meter[]) {
    const usd = stated[meter] ?? null;
    if (usd === null) unpriced.push(meter);
    else rates[meter] = usd;
  }
  return {
    model: base.model,
    region,
    rates: rates as OwnCard['rates'],
    ...(unpriced.length === 0 ? {} : { unpriced: unpriced as [Meter, ...Meter[]] }),
    source: { ...LITELLM },
  };
}

/** How far apart the two factors are, as a share; a rough test, so floats will do. */
function apart(input: string, from: string, output: string, to: string): number {
  const [a, b] = [Number(input) / Number(from), Number(output) / Number(to)];
  return Math.abs(a - b) / Math.min(a, b);
}

const perMillion = (value: number | undefined) => (value === undefined ? null : scaled(value, 1_000_000n));

function standardCard(book: PriceBook, model: string): RateCard | null {
  const at = Date.parse('2026-08-21T12:00:00Z');
  return book.find({ provider: 'bedrock', model, at, tier: 'standard', speed: null, region: null });
}
