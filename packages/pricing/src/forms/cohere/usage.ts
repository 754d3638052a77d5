/**
 * Cohere's chat (v1, v2), generate, embed and rerank: `billed_units` is the bill. `tokens` beside it holds
 * the template too (ten to a hundred times as much), and cached tokens have no price of their own.
 */

import { get, getCount, getName, getObject, hasAny, merged } from '../../json/members.ts';
import { disjoint, tokenTotals } from '../../usage/quantities.ts';
import type { Anomaly, JsonObject, Operation } from '../../usage/usage.ts';
import type { EventFold, ReadContext, Reading, Shape } from '../description/shape.ts';
import { withoutUsage } from '../fields/envelope.ts';

export const cohereUsage: Shape = {
  id: 'cohere',
  operation: 'chat',
  surfaces: ['cohere.v1', 'cohere.v2', 'cohere.chat', 'cohere.generate', 'cohere.embed', 'cohere.rerank'],
  path: /\/v[12]\/(chat|generate|embed|rerank|classify)$/,
  recognises: (body) => unitsOf(body) !== null || isCohereEvent(body),
  recognisesUsage: isBilled,
  read: readCohere,
  fold: foldCohere,
};

function isBilled(holder: JsonObject): boolean {
  return hasAny(holder, ['billed_units']) || getObject(holder, 'tokens') !== null;
}

/** `usage` in v2, `meta` in v1, embed and rerank. */
function unitsOf(body: JsonObject): JsonObject | null {
  for (const key of ['usage', 'meta']) {
    const holder = getObject(body, key);
    if (holder !== null && isBilled(holder)) return holder;
  }
  return null;
}

const V2_EVENTS = new Set(
  'message-start content-start content-delta content-end tool-plan-delta tool-call-start tool-call-delta tool-call-end citation-start citation-end message-end'.split(
    ' ',
  ),
);

function isCohereEvent(event: JsonObject): boolean {
  if (typeof get(event, 'is_finished') === 'boolean' && typeof get(event, 'event_type') === 'string')
    return true;
  return V2_EVENTS.has(getName(event, 'type') ?? '');
}

function readCohere(body: JsonObject, context: ReadContext): Reading {
  const operation = context.operation ?? operationOf(body, context);
  const empty = {
    ...withoutUsage(body, operation, 'cohere: no usage'),
    responseId: getName(body, 'id') ?? getName(body, 'response_id') ?? getName(body, 'generation_id'),
  };
  const holder = unitsOf(body) ?? getObject(body, 'usage') ?? getObject(body, 'meta');
  const billed = getObject(holder, 'billed_units');
  const units = billed ?? getObject(holder, 'tokens');
  if (units === null) return empty;
  const anomalies: Anomaly[] = [];
  if (billed === null) {
    anomalies.push({
      code: 'billed_units_missing',
      message: 'no billed_units stand in the response; tokens are counted, which may be more than is billed',
    });
  }
  const cut = disjoint([
    { name: 'input', total: getCount(units, 'input_tokens', anomalies), rest: 'input_uncached', parts: {} },
    { name: 'image', total: getCount(units, 'image_tokens', anomalies), rest: 'input_image', parts: {} },
    { name: 'output', total: getCount(units, 'output_tokens', anomalies), rest: 'output_text', parts: {} },
    { name: 'search', total: getCount(units, 'search_units', anomalies), rest: 'rerank_units', parts: {} },
  ]);
  return {
    ...empty,
    segments: [{ model: null, quantities: cut.quantities, contextTokens: tokenTotals(cut.quantities).input }],
    source: Object.keys(cut.quantities).length > 0 ? 'reported' : 'none',
    rawUsage: holder,
    convention: 'cohere: billed_units is the bill; tokens and cached_tokens are not',
    anomalies: [...anomalies, ...cut.anomalies],
  };
}

function operationOf(body: JsonObject, context: ReadContext): Operation {
  if (hasAny(body, ['results']) || /rerank/.test(context.surface ?? '')) return 'rerank';
  if (hasAny(body, ['embeddings']) || /embed/.test(context.surface ?? '')) return 'embedding';
  return hasAny(body, ['generations']) ? 'completion' : 'chat';
}

function foldCohere(): EventFold {
  let body: JsonObject = {};
  let ended = false;
  return {
    matters: (text) =>
      text.includes('message-end') || text.includes('stream-end') || text.includes('message-start'),
    add(event) {
      const type = getName(event, 'type') ?? getName(event, 'event_type');
      if (type === 'message-start') {
        body = { ...body, id: get(event, 'id') };
      } else if (type === 'message-end') {
        ended = true;
        body = { ...body, usage: get(getObject(event, 'delta'), 'usage') };
      } else if (type === 'stream-end') {
        ended = true;
        body = merged(body, getObject(event, 'response'));
      } else if (type === null && unitsOf(event) !== null) {
        ended = true;
        body = event;
      }
    },
    finish: () => ({ body, end: ended ? 'final' : 'partial' }),
  };
}
