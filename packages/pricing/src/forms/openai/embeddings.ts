/** Embeddings of OpenAI and providers of the same form, and token-billed reranking (Voyage): input only. */

import { firstCount, get, getArray, getObject, hasAny, isObject } from '../../json/members.ts';
import { disjoint } from '../../usage/quantities.ts';
import type { Anomaly, JsonObject } from '../../usage/usage.ts';
import type { ReadContext, Reading, Shape } from '../description/shape.ts';
import { pathOf } from '../description/url.ts';
import { readEnvelope, readReportedCost, withoutUsage } from '../fields/envelope.ts';
import { regionOfUrl } from './region.ts';

/** Counts that show that `total_tokens` is not the whole story. */
const OTHER_FORMS = ['input_tokens', 'output_tokens', 'total_input_tokens', 'total_output_tokens', 'tokens'];

export const openaiEmbeddings: Shape = {
  id: 'openai.embeddings',
  operation: 'embedding',
  surfaces: ['embeddings', 'embedding', 'rerank'],
  path: /\/(embeddings|rerank)$/,
  recognises: (body) => {
    const first = getArray(body, 'data')[0];
    return get(body, 'object') === 'list' && isObject(first) && get(first, 'object') === 'embedding';
  },
  recognisesUsage: (usage) =>
    hasAny(usage, ['prompt_tokens', 'total_tokens']) &&
    !hasAny(usage, OTHER_FORMS) &&
    (firstCount(usage, ['completion_tokens'], []) ?? 0) === 0,
  read: readEmbeddings,
  fold: null,
};

function readEmbeddings(body: JsonObject, context: ReadContext): Reading {
  const operation = context.operation ?? (isRerank(body, context) ? 'rerank' : 'embedding');
  const usage = getObject(body, 'usage');
  if (usage === null) return withoutUsage(body, operation, 'openai.embeddings: no usage');
  const anomalies: Anomaly[] = [];
  const input = firstCount(usage, ['prompt_tokens', 'total_tokens'], anomalies);
  const cut = disjoint([{ name: 'input', total: input, rest: 'input_uncached', parts: {} }]);
  return {
    ...readEnvelope(body),
    operation,
    tier: null,
    speed: null,
    region: regionOfUrl(context.url),
    segments: [{ model: null, quantities: cut.quantities, contextTokens: input ?? 0 }],
    source: 'reported',
    rawUsage: usage,
    convention: 'openai.embeddings: all tokens are input',
    reportedCost: readReportedCost(usage, anomalies),
    anomalies: [...anomalies, ...cut.anomalies],
  };
}

/** Rerankers answer in the same form, with relevance scores instead of vectors. */
function isRerank(body: JsonObject, { surface, url }: ReadContext): boolean {
  if (surface === 'rerank' || get(body, 'object') === 'rerank') return true;
  if (pathOf(url)?.endsWith('/rerank') === true) return true;
  const [first] = [...getArray(body, 'data'), ...getArray(body, 'results')];
  return isObject(first) && get(first, 'relevance_score') !== undefined;
}
