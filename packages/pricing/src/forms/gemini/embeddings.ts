/** Embeddings of Google: embedContent on AI Studio (newer models report usage) and predict on Vertex. */

import { get, getArray, getCount, getObject, hasAny, isObject } from '../../json/members.ts';
import { disjoint, tokenTotals } from '../../usage/quantities.ts';
import type { Anomaly, Json, JsonObject, UsageSegment } from '../../usage/usage.ts';
import type { ReadContext, Reading, Shape } from '../description/shape.ts';
import { vertexRegion } from '../description/url.ts';
import { withoutUsage } from '../fields/envelope.ts';
import { isGeminiUsage, readGeminiCounts } from './counts.ts';
import { geminiModel, metadataOf } from './generate-content.ts';

export const geminiEmbeddings: Shape = {
  id: 'google.embeddings',
  operation: 'embedding',
  surfaces: ['embedcontent', 'batchembedcontents', 'vertex.predict', 'predict'],
  path: /:(embedContent|batchEmbedContents|asyncBatchEmbedContent|predict)$/,
  recognises: (body) =>
    !hasAny(body, ['candidates', 'object']) &&
    (isObject(get(body, 'embedding')) ||
      statistics(body).length > 0 ||
      (Array.isArray(get(body, 'embeddings')) && isObject(getArray(body, 'embeddings')[0]))),
  recognisesUsage: () => false,
  read: readEmbeddings,
  fold: null,
};

/** Token statistics of each prediction on Vertex. */
function statistics(body: JsonObject): readonly JsonObject[] {
  return getArray(body, 'predictions').flatMap((prediction: Json) => {
    const found = isObject(prediction) ? getObject(getObject(prediction, 'embeddings'), 'statistics') : null;
    return found === null ? [] : [found];
  });
}

function readEmbeddings(body: JsonObject, context: ReadContext): Reading {
  const empty = {
    ...withoutUsage(body, context.operation ?? 'embedding', 'google.embeddings: no usage'),
    model: geminiModel(body, context),
    region: vertexRegion(context.url),
  };
  const anomalies: Anomaly[] = [];
  const usage = metadataOf(body);
  const reported = (segment: UsageSegment, rawUsage: Json): Reading => ({
    ...empty,
    segments: [segment],
    source: 'reported',
    rawUsage,
    convention: 'google.embeddings: all tokens are input',
    anomalies,
  });
  if (usage !== null && isGeminiUsage(usage)) return reported(readGeminiCounts(usage, anomalies), usage);
  const counted = statistics(body);
  if (counted.length === 0) return empty;
  const tokens = counted.map((one) => getCount(one, 'token_count', anomalies));
  const total = tokens.reduce<number | null>((sum, one) => (one === null ? sum : (sum ?? 0) + one), null);
  const { quantities } = disjoint([{ name: 'input', total, rest: 'input_uncached', parts: {} }]);
  return reported({ model: null, quantities, contextTokens: tokenTotals(quantities).input }, [...counted]);
}
