/**
 * LangChain's callback results and traces. They contain one call several times: in the message, in
 * the result around it, and in the sums of every run that the call is nested in. It is billed once: the innermost
 * runs that report usage are the calls, and the sums around them are left out.
 */

import { firstObject, get, getArray, getName, getObject, hasAny, isObject } from '../../json/members.ts';
import type { Anomaly, Json, JsonObject, UsageSegment } from '../../usage/usage.ts';
import type { ReadContext, Reading, Shape } from '../description/shape.ts';
import { withoutUsage } from '../fields/envelope.ts';
import { CHAT_FIELDS, readTokens } from '../fields/tokens.ts';
import { langchain } from './langchain.ts';

/** Bounds of a tree from outside; runs beyond them are not looked at. */
const MOST_RUNS = 10_000;
const DEEPEST = 100;

/** An `LLMResult`: one list of generations per prompt. */
export const langchainResult: Shape = {
  id: 'langchain.result',
  operation: 'chat',
  surfaces: ['langchain.result'],
  path: /$^/,
  recognises: (body) => Array.isArray(getArray(body, 'generations')[0]),
  recognisesUsage: () => false,
  read: (body, context) => readResult(body, context) ?? unused(body, context),
  fold: null,
};

/** A run of a trace, with the runs inside it. */
export const langchainRun: Shape = {
  id: 'langchain.run',
  operation: 'chat',
  surfaces: ['langchain.run', 'langsmith'],
  path: /$^/,
  recognises: (body) =>
    getName(body, 'run_type') !== null && hasAny(body, ['outputs', 'child_runs', 'inputs']),
  recognisesUsage: () => false,
  read: readRun,
  fold: null,
};

function unused(body: JsonObject, context: ReadContext): Reading {
  return withoutUsage(body, context.operation ?? 'chat', 'langchain: no usage');
}

/** One call per prompt: where several answers were asked for, each repeats the usage of them all. */
function readResult(result: JsonObject, context: ReadContext): Reading | null {
  const messages = getArray(result, 'generations')
    .map(messageOf)
    .filter((message) => message !== null);
  const read = messages.map((message) => langchain.read(message, context));
  const reported = read.filter(({ source }) => source === 'reported');
  return joined(reported) ?? readOutput(firstObject(result, ['llm_output', 'llmOutput']), context);
}

function messageOf(answers: Json): JsonObject | null {
  for (const answer of Array.isArray(answers) ? answers : []) {
    const message = isObject(answer) ? getObject(answer, 'message') : null;
    if (message !== null && langchain.recognises(message)) return message;
  }
  return null;
}

/** The result's own sum, where its messages say nothing. */
function readOutput(output: JsonObject | null, context: ReadContext): Reading | null {
  const usage = firstObject(output, ['token_usage', 'tokenUsage', 'usage']);
  if (output === null || usage === null) return null;
  const fields = hasAny(usage, ['promptTokens'])
    ? { ...CHAT_FIELDS, input: 'promptTokens', output: 'completionTokens' }
    : CHAT_FIELDS;
  if (!hasAny(usage, [fields.input, fields.output])) return null;
  const { segment, anomalies, convention } = readTokens(usage, fields, context.provider);
  return {
    ...unused(output, context),
    model: getName(output, 'model_name') ?? getName(output, 'model'),
    segments: [segment],
    source: 'reported',
    rawUsage: usage,
    convention: `langchain: ${convention}`,
    anomalies,
  };
}

function readRun(run: JsonObject, context: ReadContext): Reading {
  const budget = { runs: MOST_RUNS };
  const calls = callsOf(run, context, budget, 0);
  const found = joined(calls);
  if (found !== null) return { ...found, responseId: getName(run, 'id') };
  const none = unused(run, context);
  if (!hasAny(run, ['total_tokens', 'prompt_tokens', 'completion_tokens'])) return none;
  const anomaly: Anomaly = {
    code: 'aggregate_without_calls',
    message: 'the run only sums up the calls inside it, which are not here: record these',
  };
  return { ...none, anomalies: [anomaly] };
}

/** The readings of the innermost runs that say what they used. */
function callsOf(run: JsonObject, context: ReadContext, budget: { runs: number }, depth: number): Reading[] {
  budget.runs -= 1;
  if (budget.runs < 0 || depth > DEEPEST) return [];
  const inside = getArray(run, 'child_runs')
    .filter(isObject)
    .flatMap((child) => callsOf(child, context, budget, depth + 1));
  if (inside.length > 0 || get(run, 'run_type') !== 'llm') return inside;
  const outputs = getObject(run, 'outputs');
  if (outputs === null) return [];
  const own = langchain.recognises(outputs) ? langchain.read(outputs, context) : readResult(outputs, context);
  return own === null ? [] : [{ ...own, model: own.model ?? modelOf(run) }];
}

function modelOf(run: JsonObject): string | null {
  const extra = getObject(run, 'extra');
  const named = getObject(extra, 'invocation_params');
  return (
    getName(getObject(extra, 'metadata'), 'ls_model_name') ??
    getName(named, 'model') ??
    getName(named, 'model_name')
  );
}

/** One reading of several calls, each a segment at its own model; null where there are none. */
function joined(calls: readonly Reading[]): Reading | null {
  const [first] = calls;
  if (first === undefined) return null;
  if (calls.length === 1) return first;
  const segments = calls.flatMap(({ model, segments }) =>
    segments.map((segment): UsageSegment => ({ ...segment, model: model === first.model ? null : model })),
  );
  return {
    ...first,
    segments,
    responseId: null,
    rawUsage: calls.map(({ rawUsage }) => rawUsage),
    convention: `${first.convention}; ${calls.length} calls, what sums them up is not added`,
    anomalies: calls.flatMap(({ anomalies }) => anomalies).slice(0, 20),
  };
}
