/** Anthropic's legacy text completions: they report no usage at all. */

import { get } from '../../json/members.ts';
import type { Shape } from '../description/shape.ts';
import { withoutUsage } from '../fields/envelope.ts';

export const anthropicCompletion: Shape = {
  id: 'anthropic.completion',
  operation: 'completion',
  surfaces: ['anthropic.complete', 'complete'],
  path: /\/v1\/complete$/,
  recognises: (body) => get(body, 'type') === 'completion' && typeof get(body, 'completion') === 'string',
  recognisesUsage: () => false,
  read: (body, context) =>
    withoutUsage(body, context.operation ?? 'completion', 'anthropic.completion: this form reports no usage'),
  fold: null,
};
