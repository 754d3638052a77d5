/** Gemini's own API, and the calls of OpenAI's form that Google also offers. */

import type { ProviderForm, Refusal, Refused, Surface } from '../description/provider-form.ts';
import { CHAT, EMBEDDINGS } from '../openai/surfaces.ts';
import { geminiSurfaces, INTERACTIONS } from './surfaces.ts';

export const gemini: ProviderForm = {
  id: 'google',
  baseUrl: 'https://generativelanguage.googleapis.com',
  hosts: ['generativelanguage.googleapis.com'],
  roots: ['{version}'],
  surfaces: [...geminiSurfaces(''), INTERACTIONS, below('openai', CHAT), below('openai', EMBEDDINGS)],
  free: [],
  refuse: refuseAsGoogle,
};

/** A surface whose paths have a longer prefix here. */
export function below(folder: string, surface: Surface): Surface {
  return { ...surface, paths: surface.paths.map((one) => ({ ...one, path: `${folder}/${one.path}` })) };
}

/** Google's words for what a status means, https://cloud.google.com/apis/design/errors. */
const STATUS_NAMES: { readonly [status: number]: string } = {
  400: 'INVALID_ARGUMENT',
  401: 'UNAUTHENTICATED',
  403: 'PERMISSION_DENIED',
  404: 'NOT_FOUND',
  409: 'ABORTED',
  429: 'RESOURCE_EXHAUSTED',
  503: 'UNAVAILABLE',
  504: 'DEADLINE_EXCEEDED',
};

export function refuseAsGoogle({ code, status, message, requestId }: Refused): Refusal {
  const word = STATUS_NAMES[status] ?? (status < 500 ? 'FAILED_PRECONDITION' : 'INTERNAL');
  const error = {
    code: status,
    message: `Farthing: ${message}`,
    status: word,
    details: [
      {
        '@type': 'type.googleapis.com/google.rpc.ErrorInfo',
        reason: code.toUpperCase(),
        domain: 'farthing',
        metadata: { request_id: requestId },
      },
    ],
  };
  return {
    contentType: 'application/json; charset=UTF-8',
    body: JSON.stringify({ error }),
    headers: {},
  };
}
