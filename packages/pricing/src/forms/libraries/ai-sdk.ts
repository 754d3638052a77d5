/**
 * The usage object of the Vercel AI SDK, versions 4 to 6, and of its provider packages.
 *
 * From version 6 on totals hold their details. Version 5 passes on what the provider counts: with Anthropic
 * and Bedrock the input leaves the cache out; with Google and xAI thinking is not part of the output, which
 * the total shows. For a call in several steps, `totalUsage` is the sum and `usage` only the last step. If the
 * steps themselves are present, they are read instead, see ai-sdk-steps.ts.
 */

import { firstCount, firstObject, get, getCount, getName, getObject, hasAny } from '../../json/members.ts';
import { disjoint, tokenTotals } from '../../usage/quantities.ts';
import type { Anomaly, JsonObject } from '../../usage/usage.ts';
import type { ReadContext, Reading, Shape } from '../description/shape.ts';
import { secondsOf, withoutUsage } from '../fields/envelope.ts';
import { joinSteps, stepsOf } from './ai-sdk-steps.ts';

const OWN = [
  'inputTokenDetails',
  'outputTokenDetails',
  'cachedInputTokens',
  'reasoningTokens',
  'promptTokens',
];
const BEDROCK = ['cacheReadInputTokens', 'cacheReadInputTokenCount', 'cacheDetails', 'serverToolUsage'];
/** Providers whose own input count leaves the cache out. */
const EXCLUSIVE = new Set(['anthropic', 'bedrock']);

export const aiSdk: Shape = {
  id: 'ai-sdk',
  operation: 'chat',
  surfaces: ['ai-sdk', 'vercel-ai', 'generatetext', 'streamtext'],
  path: /$^/,
  recognises: (body) => {
    const usage = usageOf(body);
    if (usage === null) return false;
    if (isEmbedding(body, usage)) return true;
    return hasAny(body, ['finishReason', 'totalUsage', 'providerMetadata']) && isSdkUsage(usage);
  },
  recognisesUsage: isSdkUsage,
  read: readSdk,
  fold: null,
  raw: rawUsage,
  steps: { of: stepsOf, join: joinSteps },
};

/** Beside the sum of several calls, only the usage of the last one is given. */
function rawUsage(body: JsonObject): JsonObject | null {
  return getObject(body, 'totalUsage') === null ? getObject(getObject(body, 'usage'), 'raw') : null;
}

function isSdkUsage(usage: JsonObject): boolean {
  if (hasAny(usage, OWN)) return true;
  return hasAny(usage, ['inputTokens', 'outputTokens', 'completionTokens']) && !hasAny(usage, BEDROCK);
}

/** `embed` and `embedMany` do not distinguish input and output tokens. */
function isEmbedding(body: JsonObject, usage: JsonObject): boolean {
  return hasAny(body, ['embedding', 'embeddings']) && hasAny(usage, ['tokens']);
}

function usageOf(body: JsonObject): JsonObject | null {
  return firstObject(body, ['totalUsage', 'usage']);
}

function readSdk(body: JsonObject, context: ReadContext): Reading {
  const response = getObject(body, 'response');
  const empty = {
    ...withoutUsage(body, context.operation ?? 'chat', 'ai-sdk: no usage'),
    model: getName(response, 'modelId') ?? getName(body, 'modelId') ?? getName(body, 'model'),
    responseId: getName(response, 'id') ?? getName(body, 'id'),
    createdAt: secondsOf(get(response, 'timestamp')),
  };
  const usage = usageOf(body);
  if (usage === null) return empty;
  if (isEmbedding(body, usage)) return readEmbedding(usage, empty);
  const anomalies: Anomaly[] = [];
  const input = readInput(usage, body, context.provider, anomalies);
  const output = readOutput(usage, input.total ?? 0, anomalies);
  const cut = disjoint([
    {
      name: 'input',
      total: input.total,
      rest: 'input_uncached',
      parts: { input_cache_read: input.read, input_cache_write: input.write },
    },
    {
      name: 'output',
      total: output.total,
      rest: 'output_text',
      parts: { output_reasoning: output.reasoning },
    },
  ]);
  if (Object.keys(cut.quantities).length === 0) return empty;
  const contextTokens = contextOf(body, context.provider) ?? tokenTotals(cut.quantities).input;
  return {
    ...empty,
    segments: [{ model: null, quantities: cut.quantities, contextTokens }],
    source: 'reported',
    rawUsage: usage,
    convention: `ai-sdk: ${input.convention}; reasoning ${output.convention}`,
    anomalies: [...anomalies, ...cut.anomalies],
  };
}

function readEmbedding(usage: JsonObject, empty: Reading): Reading {
  const anomalies: Anomaly[] = [];
  const tokens = getCount(usage, 'tokens', anomalies);
  const operation = 'embedding';
  if (tokens === null) return { ...empty, operation, anomalies };
  return {
    ...empty,
    operation,
    segments: [{ model: null, quantities: { input_uncached: tokens }, contextTokens: tokens }],
    source: 'reported',
    rawUsage: usage,
    convention: 'ai-sdk: all tokens of an embedding are input',
    anomalies,
  };
}

/** No call has the context of all steps together: that of the last one, to which they grow, chooses the price. */
function contextOf(body: JsonObject, provider: string): number | null {
  const last = getObject(body, 'usage');
  if (last === null || getObject(body, 'totalUsage') === null) return null;
  const { total } = readInput(last, {}, provider, []);
  return total;
}

interface InputCounts {
  readonly total: number | null;
  readonly read: number | null;
  readonly write: number | null;
  readonly convention: string;
}

function readInput(usage: JsonObject, body: JsonObject, provider: string, anomalies: Anomaly[]): InputCounts {
  const nested = getObject(usage, 'inputTokens');
  const details = nested ?? getObject(usage, 'inputTokenDetails');
  const total =
    nested === null
      ? firstCount(usage, ['inputTokens', 'promptTokens'], anomalies)
      : getCount(nested, 'total', anomalies);
  const read =
    firstCount(details, ['cacheRead', 'cacheReadTokens'], anomalies) ??
    getCount(usage, 'cachedInputTokens', anomalies);
  const stated = firstCount(details, ['cacheWrite', 'cacheWriteTokens'], anomalies);
  const write = stated ?? writtenOf(body, anomalies);
  const cache = (read ?? 0) + (write ?? 0);
  if (details !== null || cache === 0 || total === null || (cache <= total && !EXCLUSIVE.has(provider))) {
    return { total, read, write, convention: 'cache is a subset of input' };
  }
  anomalies.push({
    code: 'cache_convention_assumed',
    message: `${cache} cached tokens are counted beside the ${total} input tokens, as this version reports ${provider}`,
  });
  return { total: total + cache, read, write, convention: 'cache stands beside input' };
}

/** Version 5 has cache writes only in the provider's own metadata. */
function writtenOf(body: JsonObject, anomalies: Anomaly[]): number | null {
  const metadata = firstObject(body, ['providerMetadata', 'experimental_providerMetadata']);
  const bedrock = getObject(getObject(metadata, 'bedrock'), 'usage');
  return (
    getCount(getObject(metadata, 'anthropic'), 'cacheCreationInputTokens', anomalies) ??
    getCount(bedrock, 'cacheWriteInputTokens', anomalies)
  );
}

function readOutput(usage: JsonObject, input: number, anomalies: Anomaly[]) {
  const nested = getObject(usage, 'outputTokens');
  const details = nested ?? getObject(usage, 'outputTokenDetails');
  const stated =
    nested === null
      ? firstCount(usage, ['outputTokens', 'completionTokens'], anomalies)
      : getCount(nested, 'total', anomalies);
  const reasoning =
    firstCount(details, ['reasoning', 'reasoningTokens'], anomalies) ??
    getCount(usage, 'reasoningTokens', anomalies);
  const total = getCount(usage, 'totalTokens', anomalies);
  const beside =
    details === null &&
    stated !== null &&
    reasoning !== null &&
    (reasoning > stated || total === input + stated + reasoning) &&
    reasoning > 0;
  return beside
    ? { total: stated + reasoning, reasoning, convention: 'stands beside output' }
    : { total: stated, reasoning, convention: 'is a subset of output' };
}
