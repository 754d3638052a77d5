/** Reads the table of `@pydantic/genai-prices` into our price book's data. */

import type { Meter } from '@farthing/pricing';
import {
  type CardData,
  canonicalProvider,
  type ModelData,
  type ProviderData,
  type RateData,
  usualPer,
} from '@farthing/pricing';
import type { ModelPrice, Provider } from '@pydantic/genai-prices';
import { withId } from './card-id.ts';
import { decimalText, NotAPriceError, type Repair } from './decimal-text.ts';

/** The table's price keys: the meters a price is for, and the number of units it is stated for. */
const KEYS: { readonly [key: string]: { readonly meters: readonly Meter[]; readonly per: number } } = {
  input_mtok: { meters: ['input_uncached'], per: 1_000_000 },
  cache_read_mtok: { meters: ['input_cache_read'], per: 1_000_000 },
  cache_write_mtok: { meters: ['input_cache_write'], per: 1_000_000 },
  cache_write_5m_mtok: { meters: ['input_cache_write_5m'], per: 1_000_000 },
  cache_write_1h_mtok: { meters: ['input_cache_write_1h'], per: 1_000_000 },
  input_audio_mtok: { meters: ['input_audio'], per: 1_000_000 },
  cache_audio_read_mtok: { meters: ['input_audio_cache_read'], per: 1_000_000 },
  input_image_mtok: { meters: ['input_image'], per: 1_000_000 },
  cache_image_read_mtok: { meters: ['input_image_cache_read'], per: 1_000_000 },
  input_video_mtok: { meters: ['input_video'], per: 1_000_000 },
  cache_video_read_mtok: { meters: ['input_video_cache_read'], per: 1_000_000 },
  input_tool_mtok: { meters: ['input_tool_prompt'], per: 1_000_000 },
  output_mtok: { meters: ['output_text'], per: 1_000_000 },
  output_reasoning_mtok: { meters: ['output_reasoning'], per: 1_000_000 },
  output_audio_mtok: { meters: ['output_audio'], per: 1_000_000 },
  output_image_mtok: { meters: ['output_image'], per: 1_000_000 },
  output_video_mtok: { meters: ['output_video'], per: 1_000_000 },
  output_citation_mtok: { meters: ['output_citation'], per: 1_000_000 },
  audio_hours: { meters: ['audio_seconds_in', 'audio_seconds_out'], per: 3600 },
  input_audio_hours: { meters: ['audio_seconds_in'], per: 3600 },
  output_audio_hours: { meters: ['audio_seconds_out'], per: 3600 },
  input_mchars: { meters: ['characters_in'], per: 1_000_000 },
  input_text_messages_kcount: { meters: ['text_messages_in'], per: 1000 },
  input_document_kpages: { meters: ['pages'], per: 1000 },
  input_annotated_document_kpages: { meters: ['pages_annotated'], per: 1000 },
  requests_kcount: { meters: ['requests'], per: 1000 },
  web_searches_kcount: { meters: ['web_searches'], per: 1000 },
  social_searches_kcount: { meters: ['social_searches'], per: 1000 },
  storage_searches_kcount: { meters: ['file_searches'], per: 1000 },
  code_executions_kcount: { meters: ['code_sessions'], per: 1000 },
  rerank_searches_kcount: { meters: ['rerank_units'], per: 1000 },
};

/** Least quantity billed, which the table states in words only: Groq bills 10 seconds of audio at least. */
const MINIMUMS: { readonly [model: string]: { readonly [M in Meter]?: number } } = {
  'groq/whisper-large-v3': { audio_seconds_in: 10 },
  'groq/whisper-large-v3-turbo': { audio_seconds_in: 10 },
};

/** Findings of the compiler about the table. */
export interface TableReport {
  readonly repairs: Repair[];
  /** Models with an empty price list that are free by name. */
  readonly free: string[];
  /** Models with an empty price list and no sign of being free: their price is unknown. */
  readonly unknown: string[];
}

/** A model that could not be read, and why. */
export interface RefusedModel {
  readonly provider: string;
  readonly model: string;
  readonly meter: string | null;
  readonly value: string;
  readonly problem: 'not_a_number' | 'negative' | 'unusable';
  readonly message: string;
}

/**
 * Converts the whole table. Throws on a price key or a constraint it does not know; with `refused` such a model is
 * put there and left out.
 */
export function convertTable(
  table: readonly Provider[],
  report: TableReport,
  refused?: RefusedModel[],
): ProviderData[] {
  const providers = table.map((provider): ProviderData => {
    const id = canonicalProvider(provider.id);
    const fallback = (provider.fallback_model_providers ?? []).map(canonicalProvider);
    return {
      id,
      ...(fallback.length === 0 ? {} : { fallback }),
      models: provider.models.flatMap((model) => {
        try {
          return [convertModel(id, model, report)];
        } catch (error) {
          if (refused === undefined) throw error;
          refused.push({ provider: id, model: model.id, ...flawOf(error) });
          return [];
        }
      }),
    };
  });
  // Vertex sells Google's and Anthropic's models; the table prices them under those names.
  return [...providers, { id: 'vertex', fallback: ['google', 'anthropic'], models: [] }];
}

function flawOf(error: unknown): Omit<RefusedModel, 'provider' | 'model'> {
  const message = error instanceof Error ? error.message : String(error);
  if (!(error instanceof NotAPriceError)) return { meter: null, value: '', problem: 'unusable', message };
  const { where, value } = error;
  const problem = typeof value === 'number' && value < 0 ? 'negative' : 'not_a_number';
  return { meter: where.split(' ').at(-1) ?? null, value: String(value).slice(0, 40), problem, message };
}

interface PriceRow {
  readonly prices: ModelPrice;
  readonly from?: string;
  readonly to?: string;
  readonly timeOfDay?: { readonly start: string; readonly end: string };
}

function convertModel(provider: string, model: Provider['models'][number], report: TableReport): ModelData {
  const name = `${provider}/${model.id}`;
  const cards = datedRows(model, name)
    .map((row): CardData => {
      const { prices, ...dates } = row;
      return withId(provider, model.id, { ...dates, rates: convertRates(name, prices, report) });
    })
    // The last row of the table that applies is in force; ours are listed best first.
    .reverse();
  return { id: model.id, match: model.match, cards };
}

/**
 * Gives each row its interval. A dated row ends the rows before it, windows included; a window row that
 * follows a dated row belongs to it: its hours count from that date on, not before.
 */
function datedRows(model: Provider['models'][number], name: string): PriceRow[] {
  if (!Array.isArray(model.prices)) return [{ prices: model.prices }];
  const rows: PriceRow[] = [];
  let from: string | undefined;
  for (const { prices, constraint } of model.prices) {
    if (constraint === undefined) {
      rows.push({ prices });
    } else if (constraint.type === 'start_date') {
      const start = `${constraint.start_date}T00:00:00Z`;
      if (from !== undefined && start <= from)
        throw new Error(`${name}: price rows are not in order of date`);
      from = start;
      rows.forEach((row, i) => {
        if (row.to === undefined) rows[i] = { ...row, to: start };
      });
      rows.push({ prices, from });
    } else if (constraint.type === 'time_of_date') {
      const timeOfDay = {
        start: utcTime(constraint.start_time, name),
        end: utcTime(constraint.end_time, name),
      };
      rows.push({ prices, timeOfDay, ...(from === undefined ? {} : { from }) });
    } else {
      throw new Error(`${name}: unknown price constraint ${JSON.stringify(constraint)}`);
    }
  }
  return rows;
}

function utcTime(text: string, name: string): string {
  const match = /^(\d\d:\d\d:\d\d)Z$/.exec(text);
  if (match?.[1] === undefined) throw new Error(`${name}: time of day "${text}" is not UTC`);
  return match[1];
}

function convertRates(name: string, prices: ModelPrice, report: TableReport): CardData['rates'] {
  const entries = Object.entries(prices).filter(([, value]) => value !== undefined);
  if (entries.length === 0) return emptyRates(name, report);
  const rates: { [M in Meter]?: RateData } = {};
  for (const [key, value] of entries) {
    const unit = Object.hasOwn(KEYS, key) ? KEYS[key] : undefined;
    if (unit === undefined || value === undefined) {
      throw new Error(`${name}: unknown price key "${key}"; add it to KEYS with the meter it prices`);
    }
    for (const meter of metersOf(key, unit.meters, prices))
      rates[meter] = convertRate(name, meter, unit.per, value, report);
  }
  return rates;
}

function metersOf(key: string, meters: readonly Meter[], prices: ModelPrice): readonly Meter[] {
  // If a table has a separate price for the one-hour write, its plain cache-write price is for the five-minute one.
  if (key === 'cache_write_mtok' && prices['cache_write_1h_mtok'] !== undefined)
    return ['input_cache_write_5m'];
  // Audio hours of a model that prices input hours apart are that same input price, not one for output.
  if (key === 'audio_hours' && prices['input_audio_hours'] !== undefined) return ['audio_seconds_in'];
  return meters;
}

function convertRate(
  name: string,
  meter: Meter,
  per: number,
  value: NonNullable<ModelPrice[string]>,
  report: TableReport,
): RateData {
  const text = (usd: number) => decimalText(usd, `${name} ${meter}`, report.repairs);
  const minimum = MINIMUMS[name]?.[meter];
  const extras = {
    ...(per === usualPer(meter) ? {} : { per }),
    ...(minimum === undefined ? {} : { minimum }),
  };
  if (typeof value === 'number') {
    return Object.keys(extras).length === 0 ? text(value) : { usd: text(value), ...extras };
  }
  if (!Array.isArray((value as { readonly tiers?: unknown } | null)?.tiers)) {
    throw new NotAPriceError(`${name} ${meter}`, value);
  }
  // The table's threshold is exclusive ("more than start"), ours inclusive.
  const steps = value.tiers.map((tier) => ({ from: tier.start + 1, usd: text(tier.price) }));
  return { usd: text(value.base), ...extras, steps: steps.sort((a, b) => a.from - b.from) };
}

/** The table leaves the prices of free models empty, and of models it knows no price of. Only the name tells them apart. */
function emptyRates(name: string, report: TableReport): CardData['rates'] {
  if (!name.endsWith(':free')) {
    report.unknown.push(name);
    return {};
  }
  report.free.push(name);
  return { input_uncached: '0', output_text: '0' };
}
