/** Cohere's second API: https://docs.cohere.com/reference. `billed_units` of the answer are the bill. */
import { NO_PROMPT } from '../description/defaults.ts';
import type { ProviderForm, Refusal, Refused, RequestForm } from '../description/provider-form.ts';

const PLAIN: RequestForm = { model: 'model', stream: null, outputCaps: [], answers: null, settings: [] };

export const cohere: ProviderForm = {
  id: 'cohere',
  baseUrl: 'https://api.cohere.com',
  hosts: ['cohere.com', 'cohere.ai'],
  roots: ['v2', 'v1'],
  surfaces: [
    {
      name: 'cohere.chat',
      operation: 'chat',
      paths: [{ path: 'chat' }],
      request: { ...PLAIN, stream: 'stream', outputCaps: ['max_tokens'] },
      stream: {
        framings: { 'text/event-stream': 'sse', 'application/stream+json': 'ndjson' },
        ends: { data: [], events: ['message-end'], members: [] },
        errors: null,
        usageOption: null,
      },
      texts: {
        prompt: { ...NO_PROMPT, messages: ['messages'], schemas: ['tools', 'response_format'] },
        answer: {
          roots: ['message', 'delta', 'text', 'response'],
          words: ['content', 'text', 'thinking', 'arguments', 'name'],
          calls: ['parameters'],
          // The last event of the first API repeats the whole answer.
          repeats: [['event_type', 'stream-end']],
        },
      },
    },
    {
      name: 'cohere.embed',
      operation: 'embedding',
      paths: [{ path: 'embed' }],
      request: PLAIN,
      stream: null,
      texts: null,
    },
    {
      name: 'cohere.rerank',
      operation: 'rerank',
      paths: [{ path: 'rerank' }],
      request: PLAIN,
      stream: null,
      texts: null,
    },
  ],
  free: [],
  refuse: refuseAsCohere,
};

function refuseAsCohere({ code, message, requestId }: Refused): Refusal {
  const body = JSON.stringify({ id: requestId, message: `Farthing: ${message} (${code})` });
  return { contentType: 'application/json', body, headers: {} };
}
