/** IBM watsonx text generation. Stream: the output count grows, and the input is on the first event. */

import { get, getArray, getCount, getName, hasAny, isObject } from '../../json/members.ts';
import { disjoint, tokenTotals } from '../../usage/quantities.ts';
import type { Anomaly, Json, JsonObject } from '../../usage/usage.ts';
import type { EventFold, ReadContext, Reading, Shape } from '../description/shape.ts';
import { secondsOf, withoutUsage } from '../fields/envelope.ts';

export const watsonx: Shape = {
  id: 'watsonx.generation',
  operation: 'completion',
  surfaces: ['watsonx.generation', 'text_generation'],
  path: /\/ml\/v1[^/]*(\/deployments\/[^/]+)?\/generation\/text|\/ml\/v1[^/]*(\/deployments\/[^/]+)?\/text\/generation/,
  recognises: (body) =>
    resultsOf(body).some((result) => hasAny(result, ['generated_token_count', 'input_token_count'])),
  recognisesUsage: (usage) => hasAny(usage, ['generated_token_count', 'input_token_count']),
  read: readGeneration,
  fold: foldGeneration,
};

function resultsOf(body: JsonObject): readonly JsonObject[] {
  return getArray(body, 'results').filter(isObject);
}

function readGeneration(body: JsonObject, context: ReadContext): Reading {
  const results = resultsOf(body);
  const usage = get(body, 'usage');
  const counted = results.length > 0 ? results : isObject(usage) ? [usage] : [];
  const empty = {
    ...withoutUsage(body, context.operation ?? 'completion', 'watsonx.generation: no usage'),
    model: getName(body, 'model_id'),
    createdAt: secondsOf(get(body, 'created_at')),
  };
  if (counted.length === 0) return empty;
  const anomalies: Anomaly[] = [];
  const sum = (key: string) =>
    counted.reduce<number | null>((all, result) => {
      const count = getCount(result, key, anomalies);
      return count === null ? all : (all ?? 0) + count;
    }, null);
  const cut = disjoint([
    { name: 'input', total: sum('input_token_count'), rest: 'input_uncached', parts: {} },
    { name: 'output', total: sum('generated_token_count'), rest: 'output_text', parts: {} },
  ]);
  return {
    ...empty,
    segments: [{ model: null, quantities: cut.quantities, contextTokens: tokenTotals(cut.quantities).input }],
    source: 'reported',
    rawUsage: counted.map(({ generated_text: _text, ...counts }) => counts as JsonObject),
    convention: 'watsonx.generation: input and output stand beside each other',
    anomalies: [...anomalies, ...cut.anomalies],
  };
}

function foldGeneration(): EventFold {
  const body: { [key: string]: Json } = {};
  let input = 0;
  let output = 0;
  let stopped = false;
  return {
    matters: () => true,
    add(event) {
      for (const key of ['model_id', 'created_at']) body[key] ??= get(event, key) ?? null;
      for (const result of resultsOf(event)) {
        input = Math.max(input, getCount(result, 'input_token_count', []) ?? 0);
        output = Math.max(output, getCount(result, 'generated_token_count', []) ?? 0);
        const reason = getName(result, 'stop_reason');
        stopped ||= reason !== null && reason !== 'not_finished' && reason !== 'NOT_FINISHED';
      }
    },
    finish: (aborted) => ({
      body: { ...body, results: [{ input_token_count: input, generated_token_count: output }] },
      end: aborted && !stopped ? 'partial' : 'final',
    }),
  };
}
