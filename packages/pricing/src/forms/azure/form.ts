/**
 * OpenAI's models on Azure. Of the older API the deployment stands in the path and is the model as far as the request
 * says: the SDK leaves `model` out of the body. The v1 API is OpenAI's own.
 */

import type { ProviderForm, Surface } from '../description/provider-form.ts';
import { refuseAsOpenai } from '../openai/form.ts';
import { COMPACTION, OPENAI_SURFACES, RESPONSES } from '../openai/surfaces.ts';

/** Of the older API only these calls do without a deployment. */
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
