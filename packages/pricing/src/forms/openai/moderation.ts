/** OpenAI's moderations report no usage: only the call can be priced, and it is free. */

import { getArray, getName } from '../../json/members.ts';
import type { JsonObject } from '../../usage/usage.ts';
import type { ReadContext, Reading, Shape } from '../description/shape.ts';
import { withoutUsage } from '../fields/envelope.ts';

export const openaiModeration: Shape = {
  id: 'openai.moderation',
  operation: 'moderation',
  surfaces: ['moderation', 'moderations'],
  path: /\/moderations$/,
  recognises: (body) => /^modr-/.test(getName(body, 'id') ?? '') && getArray(body, 'results').length > 0,
  recognisesUsage: () => false,
  read: readModeration,
  fold: null,
};

function readModeration(body: JsonObject, context: ReadContext): Reading {
  const empty = withoutUsage(body, context.operation ?? 'moderation', 'openai.moderation: no results');
  if (getArray(body, 'results').length === 0) return empty;
  return {
    ...empty,
    segments: [{ model: null, quantities: { requests: 1 }, contextTokens: 0 }],
    source: 'reported',
    convention: 'openai.moderation: counted as a call; it reports no usage',
  };
}
