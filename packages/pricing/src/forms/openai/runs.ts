/** Runs of OpenAI's Assistants: the run is the bill; its steps repeat parts of it and are not counted. */

import { get, getObject } from '../../json/members.ts';
import type { JsonObject } from '../../usage/usage.ts';
import type { EventFold, ReadContext, Reading, Shape } from '../description/shape.ts';
import { withoutUsage } from '../fields/envelope.ts';
import { CHAT_FIELDS, readTokens } from '../fields/tokens.ts';

export const openaiRuns: Shape = {
  id: 'openai.runs',
  operation: 'chat',
  surfaces: ['assistants.run'],
  path: /\/threads(\/[^/]+)?\/runs(\/[^/]+)?(\/submit_tool_outputs)?$/,
  recognises: (body) => String(get(body, 'object') ?? '').startsWith('thread.'),
  recognisesUsage: () => false,
  read: readRun,
  fold: foldRun,
};

function readRun(body: JsonObject, context: ReadContext): Reading {
  const empty = withoutUsage(body, context.operation ?? 'chat', 'openai.runs: no usage');
  const usage = getObject(body, 'usage');
  if (usage === null) return empty;
  const tokens = readTokens(usage, CHAT_FIELDS, context.provider);
  return {
    ...empty,
    segments: [tokens.segment],
    source: 'reported',
    rawUsage: usage,
    convention: `openai.runs: ${tokens.convention}`,
    anomalies: tokens.anomalies,
  };
}

function foldRun(): EventFold {
  let run: JsonObject = {};
  return {
    matters: (text) => text.includes('thread.run"'),
    add(event) {
      if (get(event, 'object') === 'thread.run') run = event;
    },
    finish: () => ({ body: run, end: getObject(run, 'usage') === null ? 'partial' : 'final' }),
  };
}
