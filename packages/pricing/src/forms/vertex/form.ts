/** Vertex AI: Gemini, models of other makers in their own form, and OpenAI's form. The location decides the price. */
import { MESSAGES } from '../anthropic/surfaces.ts';
import type { ProviderForm, Surface } from '../description/provider-form.ts';
import { below, refuseAsGoogle } from '../gemini/form.ts';
import { geminiSurfaces } from '../gemini/surfaces.ts';
import { CHAT } from '../openai/surfaces.ts';

export const vertex: ProviderForm = {
  id: 'vertex',
  // The location is part of the host, but for the global one.
  baseUrl: 'https://aiplatform.googleapis.com',
  hosts: [/aiplatform\.googleapis\.com$/],
  roots: ['{version}/projects/{project}/locations/{location}'],
  surfaces: [
    ...geminiSurfaces('publishers/google/'),
    raw('anthropic', { ...MESSAGES, request: { ...MESSAGES.request, model: null } }),
    raw('mistralai', CHAT),
    below('endpoints/openapi', CHAT),
  ],
  free: ['publishers/anthropic/models/count-tokens:rawPredict'],
  refuse: refuseAsGoogle,
};

/** A model in its maker's own form: the path says whether it streams, and which model it is. */
function raw(publisher: string, surface: Surface): Surface {
  const path = (verb: string) => `publishers/${publisher}/models/{model}:${verb}`;
  return {
    ...surface,
    paths: [{ path: path('streamRawPredict'), streams: true }, { path: path('rawPredict') }],
  };
}
