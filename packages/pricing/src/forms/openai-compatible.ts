/**
 * Providers that speak OpenAI's form: a row each. `asked`: their streams carry usage only where the request asks for it;
 * `always`: in the last chunk, or in each. A provider with calls or errors of its own has a folder instead.
 */
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
import type { ProviderForm, Surface } from './provider-form.ts';

interface CompatibleProvider {
  readonly id: string;
  /** Null: each has one of its own. */
  readonly baseUrl: string | null;
  readonly roots: readonly string[];
  readonly usage: 'asked' | 'always';
  readonly surfaces: readonly Surface[];
}

const TEXT = [CHAT, COMPLETIONS];
const USUAL = [...TEXT, EMBEDDINGS];
const AUDIO = [TRANSCRIPTION, SPEECH];

const ROWS: readonly CompatibleProvider[] = [
  row('groq', 'https://api.groq.com', ['openai/v1'], 'always', [...USUAL, RESPONSES, ...AUDIO]),
  row('deepseek', 'https://api.deepseek.com', ['', 'v1', 'beta'], 'asked', TEXT),
  row('xai', 'https://api.x.ai', ['v1'], 'always', [...USUAL, RESPONSES, IMAGES]),
  row('together', 'https://api.together.xyz', ['v1'], 'asked', [...USUAL, IMAGES, ...AUDIO]),
  row('fireworks', 'https://api.fireworks.ai', ['inference/v1'], 'always', [...USUAL, RESPONSES]),
  row('cerebras', 'https://api.cerebras.ai', ['v1'], 'always', TEXT),
  row('moonshotai', 'https://api.moonshot.ai', ['v1'], 'asked', TEXT),
  row('perplexity', 'https://api.perplexity.ai', ['', 'v1'], 'always', [...USUAL, RESPONSES]),
  row('openrouter', 'https://openrouter.ai', ['api/v1'], 'always', [...USUAL, RESPONSES, IMAGES]),
  row('deepinfra', 'https://api.deepinfra.com', ['v1/openai'], 'asked', [...USUAL, IMAGES]),
  row('nvidia', 'https://integrate.api.nvidia.com', ['v1'], 'asked', USUAL),
  row('sambanova', 'https://api.sambanova.ai', ['v1'], 'asked', USUAL),
  row('huggingface', 'https://router.huggingface.co', ['v1'], 'asked', USUAL),
  row('zai', 'https://api.z.ai', ['api/paas/v4'], 'always', USUAL),
  row('ollama', 'http://localhost:11434', ['v1'], 'asked', [...USUAL, RESPONSES]),
  row('lmstudio', 'http://localhost:1234', ['v1'], 'asked', [...USUAL, RESPONSES]),
  row('vllm', null, ['v1'], 'asked', [...USUAL, RESPONSES, ...AUDIO]),
  row('litellm', null, ['v1', ''], 'asked', [...USUAL, RESPONSES, IMAGES, ...AUDIO, MODERATION]),
  row('openai-compatible', null, ['v1', ''], 'asked', [...USUAL, RESPONSES]),
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

function row(
  id: string,
  baseUrl: string | null,
  roots: readonly string[],
  usage: 'asked' | 'always',
  surfaces: readonly Surface[],
): CompatibleProvider {
  return { id, baseUrl, roots, usage, surfaces };
}
