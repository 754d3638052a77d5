/** Reads `model_prices_and_context_window.json` of LiteLLM: US dollars per single unit. */
import { readFileSync } from 'node:fs';
import { z } from 'zod';
import type { Meter } from '../../../packages/pricing/src/usage/meters.ts';
import { multiplyDecimalTexts } from '../../../packages/server/src/price-book/compile/derive.ts';
import { scaled, type TableInfo, type TableMode, type TableModel, type TablePrice } from './facts.ts';

export const LITELLM: TableInfo = {
  table: 'litellm',
  version: '2026-07-24',
  date: '2026-07-24',
  url: 'https://github.com/BerriAI/litellm/blob/main/model_prices_and_context_window.json',
};

/** Our provider for the table's, and the prefixes its names carry. */
const PROVIDERS: {
  readonly [theirs: string]: { readonly id: string; readonly prefixes: readonly string[] };
} = {
  openai: { id: 'openai', prefixes: ['openai/'] },
  'text-completion-openai': { id: 'openai', prefixes: [] },
  azure: { id: 'azure', prefixes: ['azure/'] },
  azure_ai: { id: 'azure', prefixes: ['azure_ai/'] },
  anthropic: { id: 'anthropic', prefixes: [] },
  gemini: { id: 'google', prefixes: ['gemini/'] },
  'vertex_ai-language-models': { id: 'vertex', prefixes: ['vertex_ai/'] },
  'vertex_ai-anthropic_models': { id: 'vertex', prefixes: ['vertex_ai/'] },
  bedrock: { id: 'bedrock', prefixes: [] },
  bedrock_converse: { id: 'bedrock', prefixes: [] },
  xai: { id: 'xai', prefixes: ['xai/'] },
  mistral: { id: 'mistral', prefixes: ['mistral/'] },
  deepseek: { id: 'deepseek', prefixes: ['deepseek/'] },
};

const METER_FIELDS: readonly (readonly [string, Meter])[] = [
  ['input_cost_per_token', 'input_uncached'],
  ['output_cost_per_token', 'output_text'],
  ['cache_read_input_token_cost', 'input_cache_read'],
  ['cache_creation_input_token_cost', 'input_cache_write'],
  ['cache_creation_input_token_cost_above_1hr', 'input_cache_write_1h'],
  ['input_cost_per_audio_token', 'input_audio'],
  ['output_cost_per_audio_token', 'output_audio'],
  ['input_cost_per_image_token', 'input_image'],
  ['output_cost_per_image_token', 'output_image'],
];
const TIERS = [
  ['', 'standard'],
  ['_batches', 'batch'],
  ['_flex', 'flex'],
  ['_priority', 'priority'],
] as const;
const MODES = new Set(['chat', 'responses', 'completion', 'embedding', 'realtime', 'image_generation']);

type Entry = z.infer<typeof entry>;
const entry = z.looseObject({ litellm_provider: z.string().optional(), mode: z.string().optional() });

/** All entries of the providers we take figures for, in the order of the table. */
export function readLiteLlm(path: string): TableModel[] {
  const table = z.record(z.string(), z.unknown()).parse(JSON.parse(readFileSync(path, 'utf8')));
  return Object.entries(table).flatMap(([key, value]) => {
    const one = entry.safeParse(value);
    const model = one.success ? readEntry(key, one.data) : null;
    return model === null ? [] : [model];
  });
}

function readEntry(key: string, one: Entry): TableModel | null {
  const theirs = one.litellm_provider ?? '';
  const provider = Object.hasOwn(PROVIDERS, theirs) ? PROVIDERS[theirs] : undefined;
  if (provider === undefined || (one.mode !== undefined && !MODES.has(one.mode))) return null;
  const prefix = provider.prefixes.find((text) => key.startsWith(text)) ?? '';
  const [region, name] = regionOf(provider.id, key.slice(prefix.length));
  if (name.includes('/')) return null;
  const modes = TIERS.flatMap(([suffix, tier]): TableMode[] => {
    const prices = readPrices(one, suffix);
    return Object.keys(prices).length === 0 ? [] : [{ tier, speed: 'standard', region, prices }];
  });
  return { provider: provider.id, name, modes: [...modes, ...uplifted(modes, one)], fees: readFees(one) };
}

/** Azure names data zones in front of the model: `eu/gpt-5.4`. */
function regionOf(provider: string, name: string): readonly [string | null, string] {
  const match = /^(us|eu|global|global-standard)\/(.+)$/.exec(name);
  if (provider !== 'azure' || match === null) return [null, name];
  const [, region = '', rest = ''] = match;
  return [region.startsWith('global') ? null : region, rest];
}

function readPrices(one: Entry, suffix: string): TableMode['prices'] {
  const prices: { [M in Meter]?: TablePrice } = {};
  for (const [field, meter] of METER_FIELDS) {
    const usd = perMillion(one[`${field}${suffix}`]);
    if (usd === null || (usd === '0' && meter.includes('cache'))) continue;
    const above = readAbove(one, field, suffix);
    prices[meter] = above === null ? { usd } : { usd, above };
  }
  return prices;
}

function readAbove(one: Entry, field: string, suffix: string): NonNullable<TablePrice['above']> | null {
  for (const thousands of [128, 200, 256, 272, 512]) {
    const usd = perMillion(one[`${field}_above_${thousands}k_tokens${suffix}`]);
    if (usd !== null) return { tokens: thousands * 1000, usd };
  }
  return null;
}

function perMillion(value: unknown): string | null {
  return typeof value === 'number' ? scaled(value, 1_000_000n) : null;
}

/** Regional and fast prices, which the table states as multipliers. */
function uplifted(modes: readonly TableMode[], one: Entry): TableMode[] {
  const made: TableMode[] = [];
  const eu = one['regional_processing_uplift_multiplier_eu'];
  const us = one['regional_processing_uplift_multiplier_us'];
  if (typeof eu === 'number' && eu === us) {
    made.push(...modes.map((mode) => ({ ...times(mode, eu), region: 'regional' })));
  }
  const specific = z.object({ us: z.number().optional(), fast: z.number().optional() });
  const parsed = specific.safeParse(one['provider_specific_entry'] ?? {});
  const [standard] = modes;
  if (!parsed.success || standard === undefined || standard.tier !== 'standard') return made;
  const { us: geo, fast } = parsed.data;
  if (geo !== undefined) made.push({ ...times(standard, geo), region: 'us' });
  if (fast !== undefined) made.push({ ...times(standard, fast), speed: 'fast' });
  return made;
}

function times(mode: TableMode, factor: number): TableMode {
  const prices: { [M in Meter]?: TablePrice } = {};
  for (const [meter, price] of Object.entries(mode.prices) as [Meter, TablePrice][]) {
    const usd = multiplyDecimalTexts(price.usd, String(factor));
    const { above } = price;
    prices[meter] =
      above === undefined
        ? { usd }
        : { usd, above: { tokens: above.tokens, usd: multiplyDecimalTexts(above.usd, String(factor)) } };
  }
  return { ...mode, prices };
}

function readFees(one: Entry): TableModel['fees'] {
  const fees: { [M in Meter]?: string } = {};
  const search = z.record(z.string(), z.number()).safeParse(one['search_context_cost_per_query'] ?? {});
  const prices = search.success ? [...new Set(Object.values(search.data))] : [];
  // A price that depends on the size of the search context cannot be derived from a count of searches.
  const [only] = prices;
  if (prices.length === 1 && only !== undefined) {
    const usd = scaled(only, 1000n);
    if (usd !== null && usd !== '0') fees.web_searches = usd;
  }
  const session = one['code_interpreter_cost_per_session'];
  const usd = typeof session === 'number' ? scaled(session, 1000n) : null;
  if (usd !== null) fees.code_sessions = usd;
  return fees;
}
