/**
 * Token counts of Google's `usageMetadata` → disjoint quantities, for generateContent, Live and embeddings.
 *
 * Cached tokens are a subset of the prompt. Thoughts and the prompts of tools are not part of the other counts.
 * If a count and its details differ, the count is right: details may list tokens that are not in the count.
 */

import { firstCount, get, isObject } from '../../json/members.ts';
import type { Meter } from '../../usage/meters.ts';
import { disjoint, type InclusiveCount, tokenTotals } from '../../usage/quantities.ts';
import type { Anomaly, Json, JsonObject, UsageSegment } from '../../usage/usage.ts';
import { cacheByModality, type TokenParts } from '../fields/tokens.ts';

/** REST prints camelCase; the Python client dumps snake_case. Live says response where others say candidates. */
const FIELDS = {
  prompt: ['promptTokenCount', 'prompt_token_count'],
  output: ['candidatesTokenCount', 'candidates_token_count', 'responseTokenCount', 'response_token_count'],
  thoughts: ['thoughtsTokenCount', 'thoughts_token_count'],
  toolPrompt: ['toolUsePromptTokenCount', 'tool_use_prompt_token_count'],
  cached: ['cachedContentTokenCount', 'cached_content_token_count'],
  total: ['totalTokenCount', 'total_token_count'],
} as const;

const DETAILS = {
  prompt: ['promptTokensDetails', 'prompt_tokens_details', 'promptTokenDetails'],
  cached: ['cacheTokensDetails', 'cache_tokens_details'],
  output: [
    'candidatesTokensDetails',
    'candidates_tokens_details',
    'responseTokensDetails',
    'response_tokens_details',
  ],
} as const;

/** The counts of one `usageMetadata`; null = not stated. */
export type GeminiCounts = { readonly [F in keyof typeof FIELDS]: number | null };

/** Tokens by modality other than text, which is what remains of a count. */
export type Modalities = { readonly [modality: string]: number };

/** True for an object with counts of this form. */
export function isGeminiUsage(usage: JsonObject): boolean {
  return firstCount(usage, [...FIELDS.prompt, ...FIELDS.output, ...FIELDS.total], []) !== null;
}

/** The stated counts. */
export function geminiCounts(usage: JsonObject, anomalies: Anomaly[]): GeminiCounts {
  return {
    prompt: firstCount(usage, FIELDS.prompt, anomalies),
    output: firstCount(usage, FIELDS.output, anomalies),
    thoughts: firstCount(usage, FIELDS.thoughts, anomalies),
    toolPrompt: firstCount(usage, FIELDS.toolPrompt, anomalies),
    cached: firstCount(usage, FIELDS.cached, anomalies),
    total: firstCount(usage, FIELDS.total, anomalies),
  };
}

/** What the total of a response consists of. */
export function geminiSum(counts: GeminiCounts): number {
  const { prompt, output, thoughts, toolPrompt } = counts;
  return (prompt ?? 0) + (output ?? 0) + (thoughts ?? 0) + (toolPrompt ?? 0);
}

/**
 * Reads the counts of one response.
 *
 * @param thoughtsInTotal false where the total leaves thoughts out (Live)
 */
export function readGeminiCounts(
  usage: JsonObject,
  anomalies: Anomaly[],
  thoughtsInTotal = true,
): UsageSegment {
  const counts = geminiCounts(usage, anomalies);
  const expected = geminiSum(counts) - (thoughtsInTotal ? 0 : (counts.thoughts ?? 0));
  if (counts.total !== null && counts.total !== expected) {
    anomalies.push({
      code: 'total_mismatch',
      message: `totalTokenCount is ${counts.total}, its parts sum to ${expected}; the parts are counted`,
    });
  }
  return cutGemini(counts, {
    prompt: modalities(usage, DETAILS.prompt, counts.prompt, anomalies),
    cached: modalities(usage, DETAILS.cached, counts.cached, anomalies),
    output: modalities(usage, DETAILS.output, counts.output, anomalies),
    anomalies,
  });
}

/** Counts and their modalities → one segment. */
export function cutGemini(
  counts: GeminiCounts,
  by: {
    readonly prompt: Modalities;
    readonly cached: Modalities;
    readonly output: Modalities;
    readonly anomalies: Anomaly[];
  },
): UsageSegment {
  const cut = disjoint([
    inputOf(counts, by.prompt, by.cached),
    { name: 'tool_prompt', total: counts.toolPrompt, rest: 'input_tool_prompt', parts: {} },
    {
      name: 'output',
      total: counts.output,
      rest: 'output_text',
      parts: {
        output_audio: by.output['AUDIO'],
        output_image: by.output['IMAGE'],
        output_video: by.output['VIDEO'],
      },
    },
    { name: 'thoughts', total: counts.thoughts, rest: 'output_reasoning', parts: {} },
  ]);
  by.anomalies.push(...cut.anomalies);
  return {
    model: null,
    quantities: cut.quantities,
    contextTokens: tokenTotals(cut.quantities).input,
  };
}

const INPUT_METERS: readonly (readonly [string, Meter, Meter])[] = [
  ['AUDIO', 'input_audio', 'input_audio_cache_read'],
  ['IMAGE', 'input_image', 'input_image_cache_read'],
  ['VIDEO', 'input_video', 'input_video_cache_read'],
  ['DOCUMENT', 'input_document', 'input_document_cache_read'],
];

function inputOf(counts: GeminiCounts, prompt: Modalities, cached: Modalities): InclusiveCount {
  const parts: TokenParts = {};
  let cachedOther = 0;
  for (const [modality, plain, read] of INPUT_METERS) {
    const fromCache = cached[modality];
    const all = prompt[modality];
    if (fromCache !== undefined) {
      parts[read] = fromCache;
      cachedOther += fromCache;
    }
    if (all !== undefined) parts[plain] = Math.max(0, all - (fromCache ?? 0));
  }
  if (counts.cached !== null) parts.input_cache_read = Math.max(0, counts.cached - cachedOther);
  const total = counts.prompt;
  const split = total === null || total < (counts.cached ?? 0) ? parts : cacheByModality(total, parts);
  return { name: 'input', total, rest: 'input_uncached', parts: split };
}

/**
 * The modalities other than text, never more than the count they belong to. Where the list as a whole is
 * larger than its count, that is flagged.
 */
function modalities(
  usage: JsonObject,
  keys: readonly string[],
  count: number | null,
  anomalies: Anomaly[],
): Modalities {
  const list = keys.map((key) => get(usage, key)).find((value) => Array.isArray(value));
  return readModalities(list, count, anomalies, keys[0] ?? 'details');
}

/** {@link modalities} of a list of `{modality, tokenCount}` (or `tokens`). */
export function readModalities(
  list: Json | undefined,
  count: number | null,
  anomalies: Anomaly[],
  name: string,
): Modalities {
  const found: { [modality: string]: number } = {};
  if (!Array.isArray(list)) return found;
  let sum = 0;
  let left = count ?? Number.MAX_SAFE_INTEGER;
  for (const entry of list) {
    if (!isObject(entry)) continue;
    const tokens = firstCount(entry, ['tokenCount', 'token_count', 'tokens'], anomalies) ?? 0;
    const modality = modalityOf(get(entry, 'modality'));
    sum += tokens;
    if (modality === 'TEXT' || tokens === 0) continue;
    const kept = Math.min(tokens, left);
    left -= kept;
    found[modality] = (found[modality] ?? 0) + kept;
  }
  if (count !== null && sum > count) {
    anomalies.push({
      code: 'modalities_exceed_total',
      message: `${name} sum to ${sum} tokens, more than the count of ${count}; the count is billed`,
    });
  }
  return found;
}

const KNOWN = new Set(INPUT_METERS.map(([modality]) => modality));

/** Upper case, without an enum's prefix (`MediaModality.AUDIO`); anything unknown is text. */
function modalityOf(value: Json | undefined): string {
  const word = typeof value === 'string' ? (value.toUpperCase().split('.').at(-1) ?? '') : '';
  return KNOWN.has(word) ? word : 'TEXT';
}
