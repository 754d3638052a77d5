/** The columns of LiteLLM's table as our meters, and the columns without a meaning here. */
import type { Meter } from '@farthing/pricing';

type Fields = { readonly [key: string]: unknown };

export const TIER_SUFFIXES = [
  ['', 'standard'],
  ['_batches', 'batch'],
  ['_flex', 'flex'],
  ['_priority', 'priority'],
] as const;
export type TierSuffix = (typeof TIER_SUFFIXES)[number][0];

/** Thousands of tokens in the names of columns. */
export const THRESHOLDS = [128, 200, 256, 272, 512] as const;

/** Providers whose long context begins with the very number of tokens that names it; all others' begins one above. */
const INCLUSIVE = new Set(['openai', 'azure', 'xai']);

/** The first context that costs more. */
export function thresholdFrom(provider: string, thousands: number): number {
  return thousands * 1000 + (INCLUSIVE.has(provider) ? 0 : 1);
}

export interface PriceColumn {
  readonly field: string;
  readonly meter: Meter;
  readonly cache: boolean;
  /** Whether the column means this meter in an entry. */
  readonly applies: (fields: Fields) => boolean;
}

const always = () => true;
const column = (field: string, meter: Meter, applies: PriceColumn['applies'] = always): PriceColumn => ({
  field,
  meter,
  cache: meter.includes('cache'),
  applies,
});
const mode =
  (...modes: readonly string[]) =>
  (fields: Fields) =>
    modes.includes(String(fields['mode']));
const pricesOneHour = (fields: Fields) =>
  fields['cache_creation_input_token_cost_above_1hr'] !== undefined &&
  fields['cache_creation_input_token_cost_above_1hr'] !== null;

/** The columns that are read; of two for one meter the first that an entry has. */
export const FIELDS: readonly PriceColumn[] = [
  column('input_cost_per_token', 'input_uncached'),
  column('output_cost_per_token', 'output_text'),
  column('cache_read_input_token_cost', 'input_cache_read'),
  column('input_cost_per_token_cache_hit', 'input_cache_read'),
  // If a table has a separate price for the one-hour write, its plain price is for the five-minute one.
  column('cache_creation_input_token_cost', 'input_cache_write_5m', pricesOneHour),
  column('cache_creation_input_token_cost', 'input_cache_write', (fields) => !pricesOneHour(fields)),
  column('cache_creation_input_token_cost_above_1hr', 'input_cache_write_1h'),
  column('input_cost_per_audio_token', 'input_audio'),
  column('output_cost_per_audio_token', 'output_audio'),
  column('cache_read_input_audio_token_cost', 'input_audio_cache_read'),
  column('input_cost_per_image_token', 'input_image'),
  column('output_cost_per_image_token', 'output_image'),
  column('output_cost_per_video_token', 'output_video'),
  column('output_cost_per_reasoning_token', 'output_reasoning'),
  column('citation_cost_per_token', 'output_citation'),
  column('input_cost_per_second', 'audio_seconds_in', mode('audio_transcription')),
  column('input_cost_per_audio_per_second', 'audio_seconds_in'),
  column('output_cost_per_second', 'audio_seconds_out', mode('audio_speech')),
  column('input_cost_per_character', 'characters_in', mode('audio_speech')),
  column('output_cost_per_image', 'images', mode('image_generation', 'image_edit')),
  column('ocr_cost_per_page', 'pages'),
  column('annotation_cost_per_page', 'pages_annotated'),
  column('input_cost_per_query', 'rerank_units', mode('rerank')),
  column('input_cost_per_query', 'web_searches', mode('search')),
  column('input_cost_per_request', 'requests'),
  column('code_interpreter_cost_per_session', 'code_sessions'),
];

/** Why a column is not read; null where it is, or is no price. */
export function reasonFor(field: string, fields: Fields): string | null {
  const known = UNREAD.find(([pattern]) => pattern.test(field));
  if (known !== undefined) return known[1];
  if (!/(_cost|cost_)/.test(field) || fields[field] === null || typeof fields[field] === 'object')
    return null;
  const base = field.replace(/_(batches|flex|priority)$/, '').replace(/_above_\d+k_tokens$/, '');
  if (FIELDS.some((one) => one.field === base && one.applies(fields))) return null;
  if (FIELDS.some((one) => one.field === base))
    return `means nothing we count in mode ${String(fields['mode'])}`;
  return 'no meter counts it';
}

const UNREAD: readonly (readonly [RegExp, string])[] = [
  [/^cache_creation_input_audio_token_cost/, 'holds the price of reads in some rows and of writes in others'],
  [/_per_pixel$/, 'pixels are not counted'],
  [/video_per_second|_per_second_1080p/, 'seconds of video are not counted'],
  [/_dbu_/, 'a price in Databricks units, not in dollars'],
  [/^input_cost_per_image$|^input_cost_per_image_above/, 'images sent in are counted as tokens'],
  [/^ocr_cost_per_credit$/, 'credits are not counted'],
];

/** Names of LiteLLM that are none of ours, beside those `canonicalProvider` knows. */
const PROVIDERS: { readonly [theirs: string]: string } = {
  text_completion_openai: 'openai',
  'text-completion-openai': 'openai',
  azure_text: 'azure',
  cohere_chat: 'cohere',
  'text-completion-codestral': 'mistral',
  codestral: 'mistral',
};

/** The seller behind a name of the table. */
export function isAbout(theirs: string): string {
  if (theirs.startsWith('vertex_ai')) return 'vertex';
  return Object.hasOwn(PROVIDERS, theirs) ? (PROVIDERS[theirs] ?? theirs) : theirs;
}

type Named =
  | { readonly model: string; readonly region: string | null }
  | { readonly model: null; readonly reason: string };

/** The model and region in the key of an entry: `azure/eu/gpt-4o`, `bedrock/us-east-1/…`, `vertex_ai/…`. */
export function nameOf(provider: string, key: string, theirs: string): Named {
  const prefixes = [`${theirs}/`, ...(PREFIXES[provider] ?? []), `${provider}/`];
  const prefix = prefixes.find((one) => key.startsWith(one)) ?? '';
  const rest = key.slice(prefix.length);
  if (/(^|\/)\d+-x-\d+\/|(^|\/)(low|medium|high|standard|hd)\/|max-x-max|-steps\//.test(key)) {
    return { model: null, reason: 'priced by size or quality of an image, which no response counts' };
  }
  if (/-month-commitment\//.test(rest)) return { model: null, reason: 'a price of committed throughput' };
  const zone = provider === 'azure' ? /^(us|eu|global|global-standard)\/(.+)$/.exec(rest) : null;
  if (zone !== null)
    return { model: zone[2] ?? '', region: zone[1]?.startsWith('global') ? null : (zone[1] ?? null) };
  const region = provider === 'bedrock' ? /^([a-z]{2}(?:-[a-z]+)+-\d)\/(.+)$/.exec(rest) : null;
  if (region !== null) return { model: region[2] ?? '', region: region[1] ?? null };
  return rest === '' ? { model: null, reason: 'it has no name' } : { model: rest, region: null };
}

const PREFIXES: { readonly [provider: string]: readonly string[] } = {
  azure: ['azure/', 'azure_ai/'],
  bedrock: ['bedrock/', 'bedrock_converse/'],
  google: ['gemini/'],
  vertex: ['vertex_ai/'],
  together: ['together_ai/'],
  fireworks: ['fireworks_ai/'],
};
