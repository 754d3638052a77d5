/**
 * Google's generateContent, on AI Studio and Vertex.
 *
 * Stream: nearly every chunk has usage, but the counts may fall (each turn of a built-in tool starts again):
 * the last chunk with a total is the bill. What it leaves out is taken from earlier chunks only where that
 * makes the total come out.
 */

import { addMembers, firstObject, get, getArray, getName, hasAny, isObject } from '../../json/members.ts';
import type { Anomaly, Json, JsonObject, ServiceTier } from '../../usage/usage.ts';
import type { EventFold, ReadContext, Reading, Shape } from '../description/shape.ts';
import { modelOfUrl, vertexRegion } from '../description/url.ts';
import { readTier, secondsOf, withoutUsage } from '../fields/envelope.ts';
import { addSearches } from '../fields/server-tools.ts';
import { type GeminiCounts, geminiCounts, geminiSum, isGeminiUsage, readGeminiCounts } from './counts.ts';
import { countGrounding, type Grounding, noGrounding } from './grounding.ts';

export const geminiGenerateContent: Shape = {
  id: 'google.generateContent',
  operation: 'chat',
  surfaces: ['generatecontent', 'streamgeneratecontent'],
  path: /:(generateContent|streamGenerateContent)$/,
  recognises: (body) =>
    Array.isArray(get(body, 'candidates')) ||
    (hasAny(body, ['promptFeedback']) && hasAny(body, ['modelVersion', 'usageMetadata'])) ||
    (get(body, 'object') === undefined && isGeminiUsage(metadataOf(body) ?? {})),
  recognisesUsage: isGeminiUsage,
  read: readGemini,
  fold: foldGemini,
};

/** The usage object under any of its names; `usage` where a caller passes it alone. */
export function metadataOf(body: JsonObject): JsonObject | null {
  return firstObject(body, ['usageMetadata', 'usage_metadata', 'usage']);
}

function readGemini(body: JsonObject, context: ReadContext): Reading {
  const embeds = /embed/i.test(`${context.surface ?? ''} ${context.url ?? ''}`);
  const operation = context.operation ?? (embeds ? 'embedding' : 'chat');
  const usage = metadataOf(body);
  const anomalies: Anomaly[] = [];
  const model = geminiModel(body, context);
  const empty = {
    ...withoutUsage(body, operation, 'google.generateContent: no usage'),
    model,
    responseId: getName(body, 'responseId') ?? getName(body, 'response_id'),
    createdAt: secondsOf(get(body, 'createTime')),
    region: vertexRegion(context.url),
  };
  if (usage === null || !isGeminiUsage(usage)) {
    return { ...empty, tier: usage === null ? null : geminiTier(usage, anomalies), anomalies };
  }
  const segment = readGeminiCounts(usage, anomalies);
  const searches = countGrounding(groundingOf(body), model ?? context.requestModel ?? '');
  return {
    ...empty,
    tier: geminiTier(usage, anomalies),
    segments: [addSearches(segment, searches)],
    source: 'reported',
    rawUsage: usage,
    convention:
      'google.generateContent: cached is a subset of prompt; thoughts and tool prompts stand beside the counts',
    anomalies,
  };
}

/** The model that answered: bodies of embeddings and some gateways leave it to the URL. */
export function geminiModel(body: JsonObject, context: ReadContext): string | null {
  const name = getName(body, 'modelVersion') ?? getName(body, 'model_version');
  return name ?? context.requestModel ?? modelOfUrl(context.url);
}

/** Vertex says it as traffic type, AI Studio as service tier. */
export function geminiTier(usage: JsonObject, anomalies: Anomaly[]): ServiceTier | null {
  for (const key of ['trafficType', 'traffic_type', 'serviceTier', 'service_tier']) {
    const value = get(usage, key);
    if (typeof value !== 'string' || /unspecified/i.test(value)) continue;
    return readTier(value.replace(/^.*\./, '').replace(/^SERVICE_TIER_/i, ''), anomalies);
  }
  return null;
}

function groundingOf(body: JsonObject): Grounding {
  const found = noGrounding();
  for (const candidate of getArray(body, 'candidates')) {
    if (!isObject(candidate)) continue;
    const metadata = firstObject(candidate, ['groundingMetadata', 'grounding_metadata']);
    if (metadata !== null) found.add(metadata);
  }
  return found;
}

const ENVELOPE = ['modelVersion', 'model_version', 'responseId', 'response_id', 'createTime'] as const;
const TOTALS = ['totalTokenCount', 'total_token_count'];

function foldGemini(): EventFold {
  const body: { [key: string]: Json } = {};
  const searched = noGrounding();
  let usage: JsonObject | null = null;
  let tierOnly: JsonObject | null = null;
  // No prototype: a field named `__proto__` is data.
  const seen: { [key: string]: Json | undefined } = Object.create(null);
  let finished = false;
  return {
    matters: () => true,
    add(event) {
      for (const key of ENVELOPE) {
        const value = get(event, key);
        if (value !== undefined && value !== null) body[key] = value;
      }
      for (const candidate of getArray(event, 'candidates')) {
        if (!isObject(candidate)) continue;
        const grounding = firstObject(candidate, ['groundingMetadata', 'grounding_metadata']);
        if (grounding !== null) searched.add(grounding);
        finished ||= typeof (get(candidate, 'finishReason') ?? get(candidate, 'finish_reason')) === 'string';
      }
      const metadata = metadataOf(event);
      if (metadata === null) return;
      if (usage !== null && !hasAny(metadata, TOTALS)) {
        tierOnly = metadata;
      } else {
        usage = metadata;
      }
      addMembers(seen, metadata);
    },
    finish: (aborted) => ({
      body:
        usage === null
          ? body
          : {
              ...body,
              candidates: [{ groundingMetadata: searched.asMetadata() }],
              usageMetadata: { ...tiers(tierOnly), ...completed(usage, seen) },
            },
      end: aborted && !finished ? 'partial' : 'final',
    }),
  };
}

/** What a chunk without counts says about the tier. */
function tiers(metadata: JsonObject | null): JsonObject {
  const found: { [key: string]: Json } = {};
  for (const key of ['trafficType', 'serviceTier']) {
    const value = get(metadata, key);
    if (typeof value === 'string') found[key] = value;
  }
  return found;
}

const BACKFILL: readonly (readonly [keyof GeminiCounts, string])[] = [
  ['prompt', 'promptTokenCount'],
  ['output', 'candidatesTokenCount'],
  ['thoughts', 'thoughtsTokenCount'],
  ['toolPrompt', 'toolUsePromptTokenCount'],
];

/** The last usage, with fields of all chunks together (`seen`) where exactly they are missing from its total. */
function completed(last: JsonObject, seen: JsonObject): JsonObject {
  const counts = geminiCounts(last, []);
  if (counts.total === null || counts.total === geminiSum(counts)) return last;
  const before = geminiCounts(seen, []);
  const filled: { [key: string]: Json } = {};
  let sum = geminiSum(counts);
  for (const [field, key] of BACKFILL) {
    const value = before[field];
    if (counts[field] !== null || value === null) continue;
    filled[key] = value;
    sum += value;
  }
  return sum === counts.total ? { ...last, ...filled } : last;
}
