/** Inclusive token counts of the OpenAI family → disjoint quantities. */

import { firstCount, firstObject, getCount } from '../../json/members.ts';
import type { Meter } from '../../usage/meters.ts';
import { disjoint, tokenTotals } from '../../usage/quantities.ts';
import type { Anomaly, JsonObject, UsageSegment } from '../../usage/usage.ts';

/** How one surface spells its counts. */
export interface TokenFields {
  readonly input: string;
  readonly output: string;
  readonly inputDetails: readonly string[];
  readonly outputDetails: readonly string[];
}

export const CHAT_FIELDS: TokenFields = {
  input: 'prompt_tokens',
  output: 'completion_tokens',
  inputDetails: ['prompt_tokens_details', 'prompt_token_details', 'promptTokenDetails'],
  outputDetails: ['completion_tokens_details', 'completion_token_details', 'completionTokenDetails'],
};

export const RESPONSES_FIELDS: TokenFields = {
  input: 'input_tokens',
  output: 'output_tokens',
  inputDetails: ['input_tokens_details', 'input_token_details'],
  outputDetails: ['output_tokens_details', 'output_token_details'],
};

export interface TokenReading {
  readonly segment: UsageSegment;
  readonly anomalies: readonly Anomaly[];
  /** How the counts were understood, in words. */
  readonly convention: string;
}

/**
 * Reads the counts of one usage object. Cached, cache-write, audio, image and reasoning counts are subsets of
 * their totals, unless the arithmetic of `total_tokens` shows that reasoning is not part of the output.
 */
export function readTokens(usage: JsonObject, fields: TokenFields, provider: string): TokenReading {
  const anomalies: Anomaly[] = [];
  const input = readInput(usage, fields, provider, anomalies);
  const output = readOutput(usage, fields, provider, anomalies);
  const cut = disjoint([
    { name: 'input', total: input.total, rest: 'input_uncached', parts: input.parts },
    { name: 'output', total: output.total, rest: 'output_text', parts: output.parts },
  ]);
  return {
    segment: {
      model: null,
      quantities: cut.quantities,
      contextTokens: tokenTotals(cut.quantities).input,
    },
    anomalies: [...anomalies, ...cut.anomalies],
    convention: `cached is a subset of input; reasoning ${output.convention}`,
  };
}

/** Subsets of one total under construction. */
export type TokenParts = { [M in Meter]?: number | null };

interface Side {
  readonly total: number | null;
  readonly parts: TokenParts;
}

function readInput(usage: JsonObject, fields: TokenFields, provider: string, anomalies: Anomaly[]): Side {
  const details = firstObject(usage, fields.inputDetails);
  const total = getCount(usage, fields.input, anomalies);
  const read =
    getCount(details, 'cached_tokens', anomalies) ??
    firstCount(usage, ['prompt_cache_hit_tokens', 'cached_tokens', 'cached_prompt_text_tokens'], anomalies);
  const write = getCount(details, 'cache_write_tokens', anomalies);
  checkHitsAndMisses(usage, total, anomalies);
  const parts: TokenParts = {
    input_cache_read: read,
    input_cache_write: write,
    input_audio: getCount(details, 'audio_tokens', anomalies),
    input_image:
      getCount(details, 'image_tokens', anomalies) ?? getCount(usage, 'prompt_image_tokens', anomalies),
    input_video: getCount(details, 'video_tokens', anomalies),
  };
  if (total === null) return { total, parts };
  if (read !== null && read > total && provider === 'xai') {
    anomalies.push({
      code: 'cached_exceeds_input',
      message: `cached ${read} of ${total} input tokens: counted beside the input, as xAI's totals suggest`,
    });
    return { total: total + read, parts };
  }
  if (read !== null && write !== null && read <= total && write <= total && read + write > total) {
    anomalies.push({
      code: 'cache_read_and_write_overlap',
      message: `${read} read and ${write} written of ${total} input tokens: both are billed and kept`,
    });
    return { total: read + write + (total - Math.max(read, write)), parts };
  }
  return { total, parts: cacheByModality(total, parts) };
}

/** DeepSeek prints both sides of its cache: together they are the prompt. */
function checkHitsAndMisses(usage: JsonObject, total: number | null, anomalies: Anomaly[]): void {
  const hit = getCount(usage, 'prompt_cache_hit_tokens', []);
  const miss = getCount(usage, 'prompt_cache_miss_tokens', []);
  if (hit === null || miss === null || total === null || hit + miss === total) return;
  anomalies.push({
    code: 'cache_hit_miss_mismatch',
    message: `${hit} hit and ${miss} missed tokens are not the ${total} of the prompt; hits are counted, the rest is input`,
  });
}

const MODALITY_CACHE = [
  ['input_image', 'input_image_cache_read'],
  ['input_audio', 'input_audio_cache_read'],
  ['input_video', 'input_video_cache_read'],
  ['input_document', 'input_document_cache_read'],
] as const;

/** Cached tokens are text as far as there is text; what goes beyond it must be of the other modalities. */
export function cacheByModality(total: number, parts: TokenParts): TokenParts {
  const read = parts.input_cache_read ?? 0;
  const sum = Object.values(parts).reduce<number>((all, part) => all + (part ?? 0), 0);
  let over = Math.min(sum - total, read);
  if (over <= 0) return parts;
  const split: TokenParts = { ...parts };
  for (const [plain, cached] of MODALITY_CACHE) {
    const count = split[plain] ?? 0;
    const moved = Math.min(count, over);
    if (moved <= 0) continue;
    split[plain] = count - moved;
    split[cached] = (split[cached] ?? 0) + moved;
    split.input_cache_read = (split.input_cache_read ?? 0) - moved;
    over -= moved;
  }
  return split;
}

function readOutput(
  usage: JsonObject,
  fields: TokenFields,
  provider: string,
  anomalies: Anomaly[],
): Side & { readonly convention: string } {
  const details = firstObject(usage, fields.outputDetails);
  const input = getCount(usage, fields.input, []) ?? 0;
  const output = getCount(usage, fields.output, anomalies);
  const total = getCount(usage, 'total_tokens', anomalies);
  const reasoning =
    getCount(details, 'reasoning_tokens', anomalies) ?? getCount(usage, 'reasoning_tokens', anomalies);
  const parts: TokenParts = {
    output_reasoning: reasoning,
    output_audio: getCount(details, 'audio_tokens', anomalies),
    output_image: getCount(details, 'image_tokens', anomalies),
  };
  if (output === null || total === null || total === input + output) {
    return { total: output, parts, convention: 'is a subset of output' };
  }
  if (reasoning !== null && total === input + output + reasoning) {
    return {
      total: output + reasoning,
      parts,
      convention: 'stands beside output: the total holds input + output + reasoning',
    };
  }
  if (reasoning === null && total > input + output && (provider === 'google' || provider === 'vertex')) {
    const hidden = total - input - output;
    return {
      total: output + hidden,
      parts: { ...parts, output_reasoning: hidden },
      convention: 'is what the total holds beyond input and output',
    };
  }
  anomalies.push({
    code: 'total_mismatch',
    message: `total_tokens is ${total}, but ${fields.input} + ${fields.output} is ${input + output}`,
  });
  return { total: output, parts, convention: 'is a subset of output' };
}
