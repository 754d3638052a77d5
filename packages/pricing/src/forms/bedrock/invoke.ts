/**
 * Models invoked on Bedrock that answer in forms of their own: Titan, Llama, AI21, Cohere. If a body says
 * less than the response headers, the headers count (see headers.ts).
 */

import {
  firstCount,
  get,
  getArray,
  getCount,
  getObject,
  hasAny,
  isObject,
  merged,
} from '../../json/members.ts';
import { disjoint, tokenTotals } from '../../usage/quantities.ts';
import type { Anomaly, Json, JsonObject } from '../../usage/usage.ts';
import type { EventFold, ReadContext, Reading, Shape } from '../description/shape.ts';
import { withoutUsage } from '../fields/envelope.ts';
import { countGuardrail } from './guardrail.ts';

const INPUT = ['inputTextTokenCount', 'prompt_token_count'];
const OUTPUT = ['totalOutputTextTokenCount', 'generation_token_count'];
const METRICS = 'amazon-bedrock-invocationMetrics';

export const bedrockInvoke: Shape = {
  id: 'bedrock.invoke',
  operation: 'chat',
  surfaces: ['invoke', 'invokemodel', 'invoke-with-response-stream'],
  path: /\/model\/[^/]+\/(invoke|invoke-with-response-stream)$/,
  recognises: (body) =>
    hasAny(body, [...INPUT, ...OUTPUT]) || (hasAny(body, [METRICS]) && get(body, 'type') === undefined),
  recognisesUsage: (usage) => hasAny(usage, ['inputTokenCount', 'outputTokenCount', ...INPUT]),
  read: readInvoked,
  fold: foldInvoked,
};

function readInvoked(body: JsonObject, context: ReadContext): Reading {
  const anomalies: Anomaly[] = [];
  const guardrail = countGuardrail(body, anomalies);
  const embeds = Array.isArray(get(body, 'embedding')) || getObject(body, 'embeddingsByType') !== null;
  const empty = withoutUsage(
    body,
    context.operation ?? (embeds ? 'embedding' : 'chat'),
    'bedrock.invoke: no usage',
  );
  const metrics = getObject(body, METRICS) ?? getObject(body, 'usage');
  const input =
    firstCount(metrics, ['inputTokenCount', ...INPUT], anomalies) ?? firstCount(body, INPUT, anomalies);
  const output = firstCount(metrics, ['outputTokenCount', ...OUTPUT], anomalies) ?? outputOf(body, anomalies);
  const cut = disjoint([
    { name: 'input', total: input, rest: 'input_uncached', parts: {} },
    {
      name: 'cache_read',
      total: getCount(metrics, 'cacheReadInputTokenCount', anomalies),
      rest: 'input_cache_read',
      parts: {},
    },
    {
      name: 'cache_write',
      total: getCount(metrics, 'cacheWriteInputTokenCount', anomalies),
      rest: 'input_cache_write',
      parts: {},
    },
    { name: 'output', total: output, rest: 'output_text', parts: {} },
  ]);
  anomalies.push(...cut.anomalies);
  if (isInputBlocked(body)) {
    anomalies.push({
      code: 'guardrail_blocked_input',
      message:
        'a guardrail blocked the input: the tokens are counted as reported, though AWS bills no model then',
    });
  }
  const quantities = { ...cut.quantities, ...guardrail };
  if (Object.keys(quantities).length === 0) return { ...empty, anomalies };
  return {
    ...empty,
    segments: [{ model: null, quantities, contextTokens: tokenTotals(quantities).input }],
    source: input === null && output === null ? 'partial' : 'reported',
    rawUsage: rawOf(body),
    convention: 'bedrock.invoke: input and output stand beside each other',
    anomalies,
  };
}

/** The input was assessed and blocked, and no output was. */
function isInputBlocked(body: JsonObject): boolean {
  const guardrail = getObject(getObject(body, 'amazon-bedrock-trace'), 'guardrail');
  const reason = get(guardrail, 'actionReason');
  return typeof reason === 'string' && /blocked/i.test(reason) && !hasAny(guardrail ?? {}, ['outputs']);
}

/** Titan counts each result of a body by itself. */
function outputOf(body: JsonObject, anomalies: Anomaly[]): number | null {
  const counted = firstCount(body, OUTPUT, anomalies);
  if (counted !== null) return counted;
  const results = getArray(body, 'results').filter(isObject);
  return results.reduce<number | null>((sum, result) => {
    const tokens = getCount(result, 'tokenCount', anomalies);
    return tokens === null ? sum : (sum ?? 0) + tokens;
  }, null);
}

function rawOf(body: JsonObject): JsonObject {
  const keys = [...INPUT, ...OUTPUT, METRICS];
  const raw = Object.fromEntries(Object.entries(body).filter(([key]) => keys.includes(key)));
  const results = getArray(body, 'results').filter(isObject);
  const counts = results.map((result) => ({ tokenCount: get(result, 'tokenCount') ?? null }));
  return counts.length === 0 ? raw : { ...raw, results: counts };
}

function foldInvoked(): EventFold {
  let body: { readonly [key: string]: Json | undefined } = {};
  let ended = false;
  return {
    matters: () => true,
    add(event) {
      const { outputText: _text, generation: _generation, ...counts } = event;
      const known = Object.entries(counts).filter(([, value]) => value !== null);
      body = merged(body, Object.fromEntries(known));
      ended ||= hasAny(event, [METRICS, 'completionReason', 'stop_reason', 'totalOutputTextTokenCount']);
    },
    finish: (aborted) => ({ body, end: ended || !aborted ? 'final' : 'partial' }),
  };
}
