/** The calls of Anthropic's API, which Vertex and Bedrock carry too: https://docs.anthropic.com/en/api/messages. */
import { BILLING_SETTINGS, ERROR_MARKS, NO_PROMPT, SSE } from '../description/defaults.ts';
import type { Surface } from '../description/provider-form.ts';

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
    framings: SSE,
    ends: { data: [], events: ['message_stop'], members: [] },
    errors: ERROR_MARKS,
    usageOption: null,
  },
  texts: {
    prompt: {
      ...NO_PROMPT,
      instructions: ['system'],
      messages: ['messages'],
      schemas: ['tools'],
      attachments: ['source'],
    },
    answer: {
      roots: ['content', 'content_block', 'delta', 'message'],
      words: ['text', 'thinking', 'partial_json', 'name'],
      calls: ['input'],
      repeats: [],
    },
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
  stream: { framings: SSE, ends: null, errors: ERROR_MARKS, usageOption: null },
  texts: {
    prompt: { ...NO_PROMPT, plain: ['prompt'] },
    answer: { roots: ['completion'], words: ['completion'], calls: [], repeats: [] },
  },
};
