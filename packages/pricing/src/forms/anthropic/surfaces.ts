/** The calls of Anthropic's API, which Vertex and Bedrock carry too: https://docs.anthropic.com/en/api/messages. */
import { BILLING_SETTINGS, ERROR_MARKS } from '../openai/surfaces.ts';
import type { Surface } from '../provider-form.ts';

export const MESSAGES: Surface = {
  name: 'messages',
  operation: 'chat',
  paths: [{ path: 'messages' }],
  request: {
    model: 'model',
    stream: 'stream',
    outputCaps: ['max_tokens'],
    answers: null,
    settings: BILLING_SETTINGS,
  },
  stream: {
    framings: { 'text/event-stream': 'sse' },
    ends: { data: [], events: ['message_stop'], members: [] },
    errors: ERROR_MARKS,
    usageOption: null,
  },
  texts: {
    prompt: {
      instructions: ['system'],
      messages: ['messages'],
      plain: [],
      schemas: ['tools'],
      continues: [],
    },
    answer: { roots: ['content', 'content_block', 'delta', 'message'] },
  },
};

/** The text completions of before; Anthropic reports no usage for them. */
export const COMPLETE: Surface = {
  name: 'complete',
  operation: 'completion',
  paths: [{ path: 'complete' }],
  request: {
    model: 'model',
    stream: 'stream',
    outputCaps: ['max_tokens_to_sample'],
    answers: null,
    settings: BILLING_SETTINGS,
  },
  stream: { framings: { 'text/event-stream': 'sse' }, ends: null, errors: ERROR_MARKS, usageOption: null },
  texts: {
    prompt: { instructions: [], messages: [], plain: ['prompt'], schemas: [], continues: [] },
    answer: { roots: ['completion'] },
  },
};
