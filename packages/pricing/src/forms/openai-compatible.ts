/**
 * Providers that speak OpenAI's form: a row each. `asked`: their streams carry usage only where the request asks for it;
 * `always`: in the last chunk, or in each. A provider with calls or errors of its own has a folder instead.
 */

import type { ProviderForm, Surface } from './description/provider-form.ts';
import { refuseAsOpenai } from './openai/form.ts';
import {
  CHAT,
  COMPLETIONS,
  EMBEDDINGS,
  IMAGES,
  MODERATION,
  OPENAI_STREAM,
  RESPONSES,
  SPEECH,
  TRANSCRIPTION,
} from './openai/surfaces.ts';

interface CompatibleProvider extends Pick<ProviderForm, 'id' | 'baseUrl' | 'hosts' | 'roots' | 'surfaces'> {
  readonly usage: 'asked' | 'always';
}

const TEXT = [CHAT, COMPLETIONS];
const USUAL = [...TEXT, EMBEDDINGS];
const AUDIO = [TRANSCRIPTION, SPEECH];

const ROWS: readonly CompatibleProvider[] = [
  {
    id: 'groq',
    baseUrl: 'https://api.groq.com',
    hosts: ['groq.com'],
    roots: ['openai/v1'],
    usage: 'always',
    surfaces: [...USUAL, RESPONSES, ...AUDIO],
  },
  {
    id: 'deepseek',
    baseUrl: 'https://api.deepseek.com',
    hosts: ['deepseek.com'],
    roots: ['', 'v1', 'beta'],
    usage: 'asked',
    surfaces: TEXT,
  },
  {
    id: 'xai',
    baseUrl: 'https://api.x.ai',
    hosts: ['x.ai'],
    roots: ['v1'],
    usage: 'always',
    surfaces: [...USUAL, RESPONSES, IMAGES],
  },
  {
    id: 'together',
    baseUrl: 'https://api.together.xyz',
    hosts: ['together.xyz', 'together.ai'],
    roots: ['v1'],
    usage: 'asked',
    surfaces: [...USUAL, IMAGES, ...AUDIO],
  },
  {
    id: 'fireworks',
    baseUrl: 'https://api.fireworks.ai',
    hosts: ['fireworks.ai'],
    roots: ['inference/v1'],
    usage: 'always',
    surfaces: [...USUAL, RESPONSES],
  },
  {
    id: 'cerebras',
    baseUrl: 'https://api.cerebras.ai',
    hosts: ['cerebras.ai'],
    roots: ['v1'],
    usage: 'always',
    surfaces: TEXT,
  },
  {
    id: 'moonshotai',
    baseUrl: 'https://api.moonshot.ai',
    hosts: ['moonshot.ai', 'moonshot.cn'],
    roots: ['v1'],
    usage: 'asked',
    surfaces: TEXT,
  },
  {
    id: 'perplexity',
    baseUrl: 'https://api.perplexity.ai',
    hosts: ['perplexity.ai'],
    roots: ['', 'v1'],
    usage: 'always',
    surfaces: [...USUAL, RESPONSES],
  },
  {
    id: 'openrouter',
    baseUrl: 'https://openrouter.ai',
    hosts: ['openrouter.ai'],
    roots: ['api/v1'],
    usage: 'always',
    surfaces: [...USUAL, RESPONSES, IMAGES],
  },
  {
    id: 'deepinfra',
    baseUrl: 'https://api.deepinfra.com',
    hosts: ['deepinfra.com'],
    roots: ['v1/openai'],
    usage: 'asked',
    surfaces: [...USUAL, IMAGES],
  },
  {
    id: 'nvidia',
    baseUrl: 'https://integrate.api.nvidia.com',
    hosts: ['nvidia.com'],
    roots: ['v1'],
    usage: 'asked',
    surfaces: USUAL,
  },
  {
    id: 'sambanova',
    baseUrl: 'https://api.sambanova.ai',
    hosts: ['sambanova.ai'],
    roots: ['v1'],
    usage: 'asked',
    surfaces: USUAL,
  },
  {
    id: 'huggingface',
    baseUrl: 'https://router.huggingface.co',
    hosts: ['huggingface.co', 'huggingface.cloud'],
    roots: ['v1'],
    usage: 'asked',
    surfaces: USUAL,
  },
  {
    id: 'zai',
    baseUrl: 'https://api.z.ai',
    hosts: ['z.ai', 'bigmodel.cn'],
    roots: ['api/paas/v4'],
    usage: 'always',
    surfaces: USUAL,
  },
  {
    id: 'ollama',
    baseUrl: 'http://localhost:11434',
    hosts: ['ollama.com'],
    roots: ['v1'],
    usage: 'asked',
    surfaces: [...USUAL, RESPONSES],
  },
  {
    id: 'lmstudio',
    baseUrl: 'http://localhost:1234',
    hosts: [],
    roots: ['v1'],
    usage: 'asked',
    surfaces: [...USUAL, RESPONSES],
  },
  {
    id: 'vllm',
    baseUrl: null,
    hosts: [],
    roots: ['v1'],
    usage: 'asked',
    surfaces: [...USUAL, RESPONSES, ...AUDIO],
  },
  {
    id: 'litellm',
    baseUrl: null,
    hosts: [],
    roots: ['v1', ''],
    usage: 'asked',
    surfaces: [...USUAL, RESPONSES, IMAGES, ...AUDIO, MODERATION],
  },
  {
    id: 'openai-compatible',
    baseUrl: null,
    hosts: [],
    roots: ['v1', ''],
    usage: 'asked',
    surfaces: [...USUAL, RESPONSES],
  },
];

/** The rows as descriptions. */
export const OPENAI_COMPATIBLE: readonly ProviderForm[] = ROWS.map(({ usage, surfaces, ...provider }) => ({
  ...provider,
  surfaces: usage === 'asked' ? surfaces : surfaces.map(unasked),
  free: [],
  refuse: refuseAsOpenai,
}));

function unasked(surface: Surface): Surface {
  return surface.stream === null ? surface : { ...surface, stream: OPENAI_STREAM };
}
