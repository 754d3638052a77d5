/**
 * OpenAI chat completions and legacy completions, and the many providers of the same form.
 *
 * Stream: usage is on one late chunk (or, cumulative, on every chunk): the last one counts, never a sum.
 */

import { get, getArray, getCount, getName, getObject, hasAny, isObject } from '../../json/members.ts';
import { disjoint } from '../../usage/quantities.ts';
import type { Anomaly, Json, JsonObject, UsageSegment } from '../../usage/usage.ts';
import type { EventFold, ReadContext, Reading, Shape } from '../description/shape.ts';
import { readEnvelope, readReportedCost, readTier, withoutUsage } from '../fields/envelope.ts';
import { addSearches, countServerTools } from '../fields/server-tools.ts';
import { CHAT_FIELDS, readTokens } from '../fields/tokens.ts';
import { regionOfUrl } from './region.ts';

const OBJECTS = new Set<Json | undefined>(['chat.completion', 'chat.completion.chunk', 'text_completion']);

export const openaiChat: Shape = {
  id: 'openai.chat',
  operation: 'chat',
  surfaces: ['chat', 'chat.completions', 'completions', 'completion'],
  path: /\/(chat|(chat\/)?completions)$/,
  recognises: (body) =>
    OBJECTS.has(get(body, 'object')) && (usageOf(body) === null || isChatUsage(usageOf(body) ?? {})),
  recognisesUsage: isChatUsage,
  read: readChat,
  fold: foldChat,
};

function isChatUsage(usage: JsonObject): boolean {
  return hasAny(usage, ['prompt_tokens', 'completion_tokens']) && !hasAny(usage, ['input_tokens']);
}

/** The usage object of a body or chunk; Groq repeats it under `x_groq`, which is read only if there is no other. */
function usageOf(body: JsonObject): JsonObject | null {
  return getObject(body, 'usage') ?? getObject(getObject(body, 'x_groq'), 'usage');
}

function readChat(body: JsonObject, context: ReadContext): Reading {
  const usage = usageOf(body);
  const legacy = get(body, 'object') === 'text_completion' || /^completions?$/.test(context.surface ?? '');
  const operation = context.operation ?? (legacy ? 'completion' : 'chat');
  const anomalies: Anomaly[] = [];
  const tier = readTier(get(body, 'service_tier'), anomalies);
  const region = regionOfUrl(context.url);
  if (usage === null)
    return { ...withoutUsage(body, operation, 'openai.chat: no usage'), tier, region, anomalies };
  const tokens = readTokens(usage, CHAT_FIELDS, context.provider);
  const searches = countServerTools(usage, anomalies);
  const counted = withAudioSeconds(addSearches(tokens.segment, searches), usage);
  const primary = withPerplexity(counted, usage, context.provider, anomalies);
  return {
    ...readEnvelope(body),
    operation,
    tier,
    speed: null,
    region,
    segments: modelRuns(body, primary, context.provider, anomalies),
    source: 'reported',
    rawUsage: usage,
    convention: `openai.chat: ${tokens.convention}`,
    reportedCost: readReportedCost(usage, anomalies),
    anomalies: [...anomalies, ...tokens.anomalies],
  };
}

/** Mistral bills heard audio by its length, beside the tokens of the text. */
function withAudioSeconds(segment: UsageSegment, usage: JsonObject): UsageSegment {
  const seconds = get(usage, 'prompt_audio_seconds');
  if (typeof seconds !== 'number' || seconds === 0) return segment;
  const heard = disjoint([{ name: 'audio', total: seconds, rest: 'audio_seconds_in', parts: {} }]).quantities;
  return { ...segment, quantities: { ...segment.quantities, ...heard } };
}

/** Perplexity bills citations and searches beside the tokens of the prompt and the completion. */
function withPerplexity(
  segment: UsageSegment,
  usage: JsonObject,
  provider: string,
  anomalies: Anomaly[],
): UsageSegment {
  if (provider !== 'perplexity') return segment;
  const citations = getCount(usage, 'citation_tokens', anomalies);
  const queries = getCount(usage, 'num_search_queries', anomalies);
  return {
    ...segment,
    quantities: {
      ...segment.quantities,
      ...(citations === null ? {} : { output_citation: citations }),
      ...(queries === null ? {} : { web_searches: queries }),
    },
  };
}

/** Groq's compound systems name each model they ran: one segment per run, which together are the whole. */
function modelRuns(
  body: JsonObject,
  whole: UsageSegment,
  provider: string,
  anomalies: Anomaly[],
): readonly UsageSegment[] {
  const runs = getArray(getObject(body, 'usage_breakdown'), 'models').filter(isObject);
  if (runs.length === 0) return [whole];
  const segments: UsageSegment[] = [];
  for (const run of runs) {
    const usage = getObject(run, 'usage');
    if (usage === null || !isChatUsage(usage)) continue;
    const { segment } = readTokens(usage, CHAT_FIELDS, provider);
    segments.push({ ...segment, model: getName(run, 'model') });
  }
  const sum = (list: readonly UsageSegment[]) =>
    list.reduce((all, one) => all + one.contextTokens + (one.quantities.output_text ?? 0), 0);
  if (sum(segments) === sum([whole])) return segments;
  anomalies.push({
    code: 'breakdown_mismatch',
    message: `usage_breakdown sums to ${sum(segments)} tokens, usage to ${sum([whole])}; usage is followed`,
  });
  return [whole];
}

const NO_USAGE = '"usage":null';

/** True where `usage` is the root's last member, or last but OpenAI's padding, and is null. */
function endsWithoutUsage(text: string): boolean {
  if (text.endsWith('"usage":null}')) return true;
  if (!text.endsWith('"}')) return false;
  const padding = text.lastIndexOf(',"obfuscation":"');
  return (
    padding > 0 &&
    text.startsWith(NO_USAGE, padding - NO_USAGE.length) &&
    text.indexOf('"', padding + 16) === text.length - 2
  );
}

/** The `object` of a body without streaming, by that of its chunks. */
function wholeObject(object: Json | undefined): Json | undefined {
  return object === 'chat.completion.chunk' ? 'chat.completion' : object;
}

function foldChat(): EventFold {
  const body: { [key: string]: Json } = {};
  let usage: JsonObject | null = null;
  let finished = false;
  const keep = (key: string, value: Json | undefined) => {
    if (value !== undefined && value !== null && value !== '' && value !== 0) body[key] = value;
  };
  return {
    // Most chunks say by their end that they have no usage; others are scanned: every count, and the
    // breakdown beside it, has this ending.
    matters: (text) => !endsWithoutUsage(text) && text.includes('_tokens"'),
    add(event) {
      for (const key of ['id', 'created', 'model', 'service_tier', 'usage_breakdown']) {
        keep(key, get(event, key));
      }
      keep('object', wholeObject(get(event, 'object')));
      const found = usageOf(event);
      if (found !== null && isChatUsage(found)) usage = found;
      for (const choice of getArray(event, 'choices')) {
        if (isObject(choice) && typeof get(choice, 'finish_reason') === 'string') finished = true;
      }
      if (found !== null && getArray(event, 'choices').length === 0) finished = true;
    },
    finish: (aborted) => ({
      body: usage === null ? body : { ...body, usage },
      end: aborted && !finished ? 'partial' : 'final',
    }),
  };
}
