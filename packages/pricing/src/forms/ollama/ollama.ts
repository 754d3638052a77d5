/**
 * Ollama's own chat, generate and embed. The prompt count holds what came from the cache; older versions
 * leave it out after a cache hit, which is unknown rather than zero.
 */

import { get, getCount, getName, hasAny, merged } from '../../json/members.ts';
import { disjoint, tokenTotals } from '../../usage/quantities.ts';
import type { Anomaly, JsonObject } from '../../usage/usage.ts';
import type { EventFold, ReadContext, Reading, Shape } from '../description/shape.ts';
import { secondsOf, withoutUsage } from '../fields/envelope.ts';

const COUNTS = ['prompt_eval_count', 'eval_count', 'prompt_eval_cached_count'];

export const ollama: Shape = {
  id: 'ollama',
  operation: 'chat',
  surfaces: ['ollama.chat', 'ollama.generate', 'ollama.embed'],
  path: /\/api\/(chat|generate|embed|embeddings)$/,
  recognises: (body) =>
    hasAny(body, COUNTS) ||
    (typeof get(body, 'done') === 'boolean' && typeof get(body, 'model') === 'string'),
  recognisesUsage: (usage) => hasAny(usage, COUNTS),
  read: readOllama,
  fold: foldOllama,
};

function readOllama(body: JsonObject, context: ReadContext): Reading {
  const embeds = hasAny(body, ['embeddings', 'embedding']);
  const completes = typeof get(body, 'response') === 'string' || /generate/.test(context.surface ?? '');
  const operation = context.operation ?? (embeds ? 'embedding' : completes ? 'completion' : 'chat');
  const empty = {
    ...withoutUsage(body, operation, 'ollama: no usage'),
    createdAt: secondsOf(get(body, 'created_at')),
  };
  const bare = get(body, 'usage');
  const usage: JsonObject =
    typeof bare === 'object' && bare !== null && !Array.isArray(bare) ? (bare as JsonObject) : body;
  if (!hasAny(usage, COUNTS)) return empty;
  const anomalies: Anomaly[] = [];
  const prompt = getCount(usage, 'prompt_eval_count', anomalies);
  if (prompt === null) {
    anomalies.push({
      code: 'input_not_reported',
      message: 'prompt_eval_count is absent, as older versions leave it after a cache hit; input is unknown',
    });
  }
  const cut = disjoint([
    {
      name: 'input',
      total: prompt,
      rest: 'input_uncached',
      parts: { input_cache_read: getCount(usage, 'prompt_eval_cached_count', anomalies) },
    },
    { name: 'output', total: getCount(usage, 'eval_count', anomalies), rest: 'output_text', parts: {} },
  ]);
  return {
    ...empty,
    segments: [{ model: null, quantities: cut.quantities, contextTokens: tokenTotals(cut.quantities).input }],
    source: 'reported',
    rawUsage: rawOf(usage),
    convention: 'ollama: cached is a subset of the prompt',
    anomalies: [...anomalies, ...cut.anomalies],
  };
}

/** Only the counts, which are at the top level beside the answer. */
function rawOf(usage: JsonObject): JsonObject {
  return Object.fromEntries(
    Object.entries(usage).filter(([key]) => COUNTS.includes(key) || key.endsWith('_duration')),
  );
}

function foldOllama(): EventFold {
  let body: JsonObject = {};
  return {
    matters: (text) => !text.includes('"done":false'),
    add(event) {
      if (get(event, 'done') === true || getName(body, 'model') === null) body = merged(body, event);
    },
    finish: () => ({ body, end: get(body, 'done') === true ? 'final' : 'partial' }),
  };
}
