/** Mistral: OpenAI's form with more calls of its own. Usage comes with the last chunk, unasked. */

import type { ProviderForm, Refusal, Refused, RequestForm } from '../description/provider-form.ts';
import {
  CHAT,
  CHAT_REQUEST,
  EMBEDDINGS,
  MODERATION,
  OPENAI_STREAM,
  PLAIN_REQUEST,
  SPEECH,
  TRANSCRIPTION,
} from '../openai/surfaces.ts';

const REQUEST: RequestForm = { ...CHAT_REQUEST, outputCaps: ['max_tokens'], settings: [] };

export const mistral: ProviderForm = {
  id: 'mistral',
  baseUrl: 'https://api.mistral.ai',
  hosts: ['mistral.ai'],
  roots: ['v1'],
  surfaces: [
    {
      ...CHAT,
      paths: [
        { path: 'chat/completions' },
        { path: 'fim/completions' },
        // The body names an agent instead of a model; the answer says which model it is.
        { path: 'agents/completions' },
      ],
      request: REQUEST,
      stream: OPENAI_STREAM,
    },
    EMBEDDINGS,
    { ...MODERATION, paths: [{ path: 'moderations' }, { path: 'chat/moderations' }] },
    { ...TRANSCRIPTION, name: 'mistral.transcription', paths: [{ path: 'audio/transcriptions' }] },
    SPEECH,
    {
      name: 'ocr',
      operation: 'ocr',
      paths: [{ path: 'ocr' }],
      request: {
        ...PLAIN_REQUEST,
        settings: ['document_annotation_format', 'bbox_annotation_format'],
      },
      stream: null,
      texts: null,
    },
  ],
  free: [],
  refuse: refuseAsMistral,
};

function refuseAsMistral({ code, status, message, requestId }: Refused): Refusal {
  const type = status < 500 ? 'invalid_request_error' : 'internal_server_error';
  const body = {
    object: 'error',
    message: `Farthing: ${message}`,
    type,
    param: null,
    code,
    request_id: requestId,
  };
  return { contentType: 'application/json', body: JSON.stringify(body), headers: {} };
}
