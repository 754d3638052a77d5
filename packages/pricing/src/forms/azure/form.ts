/**
 * OpenAI's models on Azure. In the older API the path names the deployment, and the request names no other model: the
 * SDK leaves `model` out of the body. The v1 API is the same as OpenAI's.
 */

import type { ProviderForm, Surface } from '../description/provider-form.ts';
import { refuseAsOpenai } from '../openai/form.ts';
import { COMPACTION, OPENAI_SURFACES, RESPONSES } from '../openai/surfaces.ts';

/** The only calls of the older API without a deployment. */
const UNSCOPED: ReadonlySet<string> = new Set([RESPONSES.name, COMPACTION.name]);

export const azure: ProviderForm = {
  id: 'azure',
  baseUrl: null,
  hosts: [
    'openai.azure.com',
    'cognitiveservices.azure.com',
    'services.ai.azure.com',
    'inference.ai.azure.com',
  ],
  roots: ['openai'],
  surfaces: OPENAI_SURFACES.map(onAzure),
  free: [],
  refuse: refuseAsOpenai,
};

function onAzure(surface: Surface): Surface {
  const before = UNSCOPED.has(surface.name) ? '' : 'deployments/{deployment}/';
  const paths = surface.paths.flatMap((one) => [
    { ...one, path: `v1/${one.path}` },
    { ...one, path: `${before}${one.path}` },
  ]);
  return { ...surface, paths };
}
