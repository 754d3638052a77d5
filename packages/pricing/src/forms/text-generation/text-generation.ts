/** Plain text generation: Hugging Face's inference server (also behind endpoints of one's own) and Aleph Alpha. */

import { firstCount, get, getArray, getCount, getName, getObject, hasAny } from '../../json/members.ts';
import { disjoint, tokenTotals } from '../../usage/quantities.ts';
import type { Anomaly, JsonObject, Operation } from '../../usage/usage.ts';
import type { EventFold, ReadContext, Reading, Shape } from '../description/shape.ts';
import { withoutUsage } from '../fields/envelope.ts';

export const textGeneration: Shape = {
  id: 'huggingface.generate',
  operation: 'completion',
  surfaces: ['tgi.generate', 'text-generation'],
  path: /\/generate(_stream)?$/,
  recognises: (body) =>
    typeof get(body, 'generated_text') === 'string' ||
    hasAny(getObject(body, 'token') ?? {}, ['logprob', 'special']),
  recognisesUsage: () => false,
  read: readGenerated,
  fold: foldGenerated,
  headers: ['x-prompt-tokens', 'x-generated-tokens'],
};

export const alephAlpha: Shape = {
  id: 'alephalpha.complete',
  operation: 'completion',
  surfaces: ['alephalpha.complete'],
  path: /\/complete$/,
  recognises: (body) => hasAny(body, ['num_tokens_prompt_total', 'num_tokens_generated']),
  recognisesUsage: (usage) => hasAny(usage, ['num_tokens_prompt_total', 'num_tokens_generated']),
  read: readAlephAlpha,
  fold: null,
};

/** The prompt's length is that of its token list if the list was requested, else it is in a header. */
function readGenerated(body: JsonObject, context: ReadContext): Reading {
  const anomalies: Anomaly[] = [];
  const details = getObject(body, 'details');
  const prefill = getArray(details, 'prefill').length;
  const headers = Object.fromEntries(
    Object.entries(context.headers ?? {}).map(([name, value]) => [name.toLowerCase(), value]),
  );
  const input = firstCount(headers, ['x-prompt-tokens'], anomalies) ?? (prefill > 0 ? prefill : null);
  const output =
    getCount(details, 'generated_tokens', anomalies) ?? getCount(headers, 'x-generated-tokens', anomalies);
  const raw = { prompt_tokens: input, generated_tokens: output };
  return counted(
    body,
    context.operation ?? 'completion',
    'huggingface.generate',
    input,
    output,
    raw,
    anomalies,
  );
}

function readAlephAlpha(body: JsonObject, context: ReadContext): Reading {
  const anomalies: Anomaly[] = [];
  const input = getCount(body, 'num_tokens_prompt_total', anomalies);
  const output = getCount(body, 'num_tokens_generated', anomalies);
  const raw = { num_tokens_prompt_total: input, num_tokens_generated: output };
  const reading = counted(
    body,
    context.operation ?? 'completion',
    'alephalpha.complete',
    input,
    output,
    raw,
    anomalies,
  );
  return { ...reading, model: getName(body, 'model') ?? context.requestModel ?? null };
}

function counted(
  body: JsonObject,
  operation: Operation,
  id: string,
  input: number | null,
  output: number | null,
  rawUsage: JsonObject,
  anomalies: readonly Anomaly[],
): Reading {
  const empty = { ...withoutUsage(body, operation, `${id}: no usage`), anomalies };
  if (input === null && output === null) return empty;
  const { quantities } = disjoint([
    { name: 'input', total: input, rest: 'input_uncached', parts: {} },
    { name: 'output', total: output, rest: 'output_text', parts: {} },
  ]);
  return {
    ...empty,
    segments: [{ model: null, quantities, contextTokens: tokenTotals(quantities).input }],
    source: 'reported',
    rawUsage,
    convention: `${id}: input and output stand beside each other`,
  };
}

function foldGenerated(): EventFold {
  let body: JsonObject = {};
  return {
    matters: (text) => text.includes('generated_t'),
    add(event) {
      if (typeof get(event, 'generated_text') === 'string') body = event;
    },
    finish: () => ({ body, end: hasAny(body, ['generated_text']) ? 'final' : 'partial' }),
  };
}
