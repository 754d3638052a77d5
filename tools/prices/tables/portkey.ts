/** Reads `pricing/*.json` of Portkey's `models`: US cents per single unit. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import type { Meter } from '../../../packages/pricing/src/usage/meters.ts';
import { scaled, type TableInfo, type TableMode, type TableModel, type TablePrice } from './facts.ts';

export const PORTKEY: TableInfo = {
  table: 'portkey',
  version: 'f654307',
  date: '2026-08-21',
  url: 'https://github.com/Portkey-AI/models/tree/main/pricing',
};

const FILES: readonly (readonly [string, string])[] = [
  ['openai', 'openai'],
  ['anthropic', 'anthropic'],
  ['google', 'google'],
  ['vertex-ai', 'vertex'],
  ['bedrock', 'bedrock'],
  ['azure-openai', 'azure'],
  ['x-ai', 'xai'],
  ['mistral-ai', 'mistral'],
  ['deepseek', 'deepseek'],
];

const METER_FIELDS: readonly (readonly [string, Meter])[] = [
  ['request_token', 'input_uncached'],
  ['response_token', 'output_text'],
  ['cache_read_input_token', 'input_cache_read'],
  ['cache_write_input_token', 'input_cache_write'],
  ['request_audio_token', 'input_audio'],
  ['response_audio_token', 'output_audio'],
  ['cache_read_audio_input_token', 'input_audio_cache_read'],
  ['request_image_token', 'input_image'],
  ['response_image_token', 'output_image'],
];
const FEE_FIELDS: readonly (readonly [string, Meter])[] = [
  ['web_search', 'web_searches'],
  ['x_search', 'social_searches'],
  ['file_search', 'file_searches'],
  ['code_execution', 'code_sessions'],
];

const unit = z.object({ price: z.number().nullish() }).nullish();
const units = z.record(z.string(), unit);
const payAsYouGo = z.looseObject({ additional_units: units.nullish() });
const pricing = z.object({ pay_as_you_go: payAsYouGo.nullish(), batch_config: z.looseObject({}).nullish() });
const tiered = z.object({ pricing_config: pricing.nullish() });
const mode = z.object({
  pricing_config: pricing.nullish(),
  context_tiers: z.record(z.string(), tiered).nullish(),
});
const custom = z.object({
  regions: z
    .record(z.string(), z.object({ execution_modes: z.record(z.string(), mode).nullish() }))
    .nullish(),
});
const entry = z.object({ pricing_config: pricing.nullish(), custom_pricing: custom.nullish() });
type Entry = z.infer<typeof entry>;
type Amounts = z.infer<typeof payAsYouGo> | null | undefined;

/** All models of a folder with one file per provider; files that are not there are left out. */
export function readPortkey(folder: string): TableModel[] {
  return FILES.flatMap(([file, provider]) => {
    const path = join(folder, `${file}.json`);
    if (!existsSync(path)) return [];
    const table = z.record(z.string(), entry).parse(JSON.parse(readFileSync(path, 'utf8')));
    const models = Object.entries(table).flatMap(([name, one]) =>
      name === 'default' ? [] : [{ provider, name, modes: readModes(provider, one), fees: readFees(one) }],
    );
    return joinContexts(models);
  });
}

function readModes(provider: string, one: Entry): TableMode[] {
  const modes: TableMode[] = [];
  const add = (found: Omit<TableMode, 'prices'>, prices: TableMode['prices']) => {
    const known = modes.some(
      ({ tier, speed, region }) => tier === found.tier && speed === found.speed && region === found.region,
    );
    if (!known && Object.keys(prices).length > 0) modes.push({ ...found, prices });
  };
  const regions = one.custom_pricing?.regions ?? {};
  // If there is a separate global price, the general price is that of regional endpoints.
  const apart = provider === 'vertex' && regions['global'] !== undefined;
  for (const [where, { execution_modes }] of Object.entries(regions)) {
    const region = apart ? (where === 'global' ? null : 'regional') : regionOf(provider, where);
    if (region === undefined) continue;
    for (const [name, found] of Object.entries(execution_modes ?? {})) {
      const kind = kindOf(name);
      if (kind !== null) add({ ...kind, region }, modePrices(found));
    }
  }
  const plain = { tier: 'standard', speed: 'standard', region: null } as const;
  add(plain, readPrices(one.pricing_config?.pay_as_you_go));
  add({ ...plain, tier: 'batch' }, readPrices(one.pricing_config?.batch_config));
  return modes;
}

/** Our region class; undefined for regions that a call does not name. */
function regionOf(provider: string, where: string): string | null | undefined {
  if (where === 'default') return null;
  if (provider === 'openai' && where.startsWith('us,eu,')) return 'regional';
  if (provider === 'vertex') return 'regional';
  return undefined;
}

function kindOf(name: string): Pick<TableMode, 'tier' | 'speed'> | null {
  if (name === 'fast') return { tier: 'standard', speed: 'fast' };
  if (name === 'standard' || name === 'batch' || name === 'flex' || name === 'priority') {
    return { tier: name, speed: 'standard' };
  }
  return null;
}

function modePrices(found: z.infer<typeof mode>): TableMode['prices'] {
  const tiers = Object.entries(found.context_tiers ?? {});
  const below = tiers.find(([name]) => name.startsWith('lte-'))?.[1] ?? found;
  const above = tiers.find(([name]) => name.startsWith('gt-'));
  const prices = readPrices(below.pricing_config?.pay_as_you_go);
  if (above === undefined) return prices;
  return withAbove(prices, readPrices(above[1].pricing_config?.pay_as_you_go), thousandsOf(above[0]));
}

function thousandsOf(name: string): number {
  return Number(/(\d+)k$/.exec(name)?.[1] ?? 0) * 1000;
}

function withAbove(
  below: TableMode['prices'],
  above: TableMode['prices'],
  tokens: number,
): TableMode['prices'] {
  const prices: { [M in Meter]?: TablePrice } = {};
  for (const [meter, { usd }] of Object.entries(below) as [Meter, TablePrice][]) {
    const more = above[meter]?.usd;
    prices[meter] = more === undefined || more === usd ? { usd } : { usd, above: { tokens, usd: more } };
  }
  return prices;
}

function readPrices(amounts: Amounts | { readonly [key: string]: unknown }): TableMode['prices'] {
  const prices: { [M in Meter]?: TablePrice } = {};
  const put = (meter: Meter, value: unknown) => {
    const parsed = unit.safeParse(value);
    const cents = parsed.success ? parsed.data?.price : undefined;
    const usd = cents === undefined || cents === null ? null : scaled(cents, 1_000_000n, 100);
    // Zero means "has none", except in a free model's input and output.
    if (usd !== null && (usd !== '0' || meter === 'output_text')) prices[meter] = { usd };
  };
  for (const [field, meter] of METER_FIELDS) put(meter, amounts?.[field]);
  const more = units.safeParse(amounts?.['additional_units'] ?? {});
  if (more.success) put('input_cache_write_1h', more.data['cache_write_1h']);
  return prices;
}

function readFees(one: Entry): TableModel['fees'] {
  const fees: { [M in Meter]?: string } = {};
  for (const [field, meter] of FEE_FIELDS) {
    const cents = one.pricing_config?.pay_as_you_go?.additional_units?.[field]?.price;
    const usd = cents === undefined || cents === null ? null : scaled(cents, 1000n, 100);
    if (usd !== null && usd !== '0') fees[meter] = usd;
  }
  return fees;
}

/** Google's models stand there twice, as `…-lte-128k` and `…-gt-128k`; the latter are the long-context prices. */
function joinContexts(models: readonly TableModel[]): TableModel[] {
  const byName = new Map(models.map((model) => [model.name, model]));
  return models.flatMap((model) => {
    if (/-gt-\d+k$/.test(model.name)) return [];
    const match = /^(.+)-lte-(\d+k)$/.exec(model.name);
    if (match?.[1] === undefined) return [model];
    const name = match[1];
    if (byName.has(name)) return [];
    const long = byName.get(`${name}-gt-${match[2]}`);
    if (long === undefined) return [{ ...model, name }];
    const modes = model.modes.map((one) => {
      const above = long.modes.find((other) => other.tier === one.tier && other.region === one.region);
      // The names say 128k whatever the model; where prices differ the threshold is the model's own.
      return above === undefined ? one : { ...one, prices: withAbove(one.prices, above.prices, 0) };
    });
    return [{ ...model, name, modes }];
  });
}
