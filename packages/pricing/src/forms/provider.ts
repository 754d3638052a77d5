/** Who answered: provider names, their aliases, and the hosts they answer from. */
import { canonicalProvider } from '../book/providers.ts';
import { get, getName, getObject, isObject } from '../json/members.ts';
import type { JsonObject } from '../usage/usage.ts';
import { withoutTrailing } from '../without-trailing.ts';

/** Providers known by name. `openai-compatible` stands for any self-hosted or unlisted endpoint of that form. */
const PROVIDERS = new Set(
  (
    'ai21 alephalpha alibaba anthropic anyscale assemblyai azure baseten bedrock cartesia cerebras cloudflare ' +
    'cohere crusoe cursor databricks deepgram deepinfra deepseek elevenlabs fal fireworks friendli ' +
    'github-copilot gladia google groq heroku huggingface hyperbolic inception jina lambda litellm lmstudio ' +
    'meta minimax mistral moonshotai nebius novita nvidia ollama openai openai-compatible openrouter ovhcloud ' +
    'parasail perplexity replicate revai sambanova scaleway snowflake stability stepfun tencent together ' +
    'vercel vertex vllm voyageai watsonx writer xai zai'
  ).split(' '),
);

/** Spellings beyond those of providers.ts, which price books know. */
const OTHER_NAMES: ReadonlyMap<string, string> = new Map([
  ['hf', 'huggingface'],
  ['dashscope', 'alibaba'],
  ['qwen', 'alibaba'],
  ['zhipu', 'zai'],
  ['zhipuai', 'zai'],
  ['jina-ai', 'jina'],
  ['lm-studio', 'lmstudio'],
  ['nvidia-nim', 'nvidia'],
  ['ibm.watsonx.ai', 'watsonx'],
  ['openai-compat', 'openai-compatible'],
]);

/** Hosts by their end; the first that matches decides. */
const HOSTS: readonly (readonly [RegExp, string])[] = [
  [/(^|\.)api\.openai\.com$/, 'openai'],
  [
    /\.(openai\.azure\.com|cognitiveservices\.azure\.com|services\.ai\.azure\.com|inference\.ai\.azure\.com)$/,
    'azure',
  ],
  [/(^|\.)anthropic\.com$/, 'anthropic'],
  [/^generativelanguage\.googleapis\.com$/, 'google'],
  [/aiplatform\.googleapis\.com$/, 'vertex'],
  [/^bedrock[a-z-]*\.[a-z0-9-]+\.(amazonaws\.com(\.cn)?|api\.aws)$/, 'bedrock'],
  [/(^|\.)x\.ai$/, 'xai'],
  [/(^|\.)groq\.com$/, 'groq'],
  [/(^|\.)mistral\.ai$/, 'mistral'],
  [/(^|\.)deepseek\.com$/, 'deepseek'],
  [/(^|\.)together\.(xyz|ai)$/, 'together'],
  [/(^|\.)fireworks\.ai$/, 'fireworks'],
  [/(^|\.)cerebras\.ai$/, 'cerebras'],
  [/(^|\.)openrouter\.ai$/, 'openrouter'],
  [/(^|\.)perplexity\.ai$/, 'perplexity'],
  [/(^|\.)moonshot\.(ai|cn)$/, 'moonshotai'],
  [/(^|\.)(z\.ai|bigmodel\.cn)$/, 'zai'],
  [/(^|\.)cohere\.(com|ai)$/, 'cohere'],
  [/(^|\.)huggingface\.(co|cloud)$/, 'huggingface'],
  [/(^|\.)voyageai\.com$/, 'voyageai'],
  [/(^|\.)jina\.ai$/, 'jina'],
  [/^dashscope[a-z-]*\.aliyuncs\.com$/, 'alibaba'],
  [/(^|\.)writer\.com$/, 'writer'],
  [/(^|\.)deepinfra\.com$/, 'deepinfra'],
  [/(^|\.)sambanova\.ai$/, 'sambanova'],
  [/(^|\.)nvidia\.com$/, 'nvidia'],
  [/(^|\.)ollama\.com$/, 'ollama'],
  [/(^|\.)novita\.ai$/, 'novita'],
  [/(^|\.)nebius\.(ai|com)$/, 'nebius'],
  [/(^|\.)cloudflare\.com$/, 'cloudflare'],
  [/\.cloud\.ibm\.com$/, 'watsonx'],
];

const LOCAL_PORTS: ReadonlyMap<string, string> = new Map([
  ['11434', 'ollama'],
  ['1234', 'lmstudio'],
]);

/** Models by which their only maker is known. */
const MODEL_STARTS: readonly (readonly [RegExp, string])[] = [
  [/^(gpt-|chatgpt-|o[134](-|$)|text-embedding-|davinci|babbage|ft:gpt)/, 'openai'],
  [/^claude-/, 'anthropic'],
  [/^gemini-/, 'google'],
  [/^grok-/, 'xai'],
  [/^deepseek-(chat|reasoner|v\d)/, 'deepseek'],
  [/^(mistral|codestral|ministral|magistral|pixtral)-[a-z]+-?(latest|\d)/, 'mistral'],
  [/^sonar/, 'perplexity'],
];

/**
 * The name under which a provider is kept, or null for one that is not known. Case, `_` and spaces do not
 * matter; common other names are understood. Use `openai-compatible` for an endpoint of your own.
 *
 * @example resolveProvider('Azure_OpenAI') === 'azure'
 */
export function resolveProvider(name: string): string | null {
  const canonical = canonicalProvider(name);
  if (PROVIDERS.has(canonical) || ROUTED.test(canonical)) return canonical;
  const dashed = canonicalProvider(canonical.replaceAll(/[_\s]+/g, '-'));
  const other = OTHER_NAMES.get(dashed) ?? dashed;
  return PROVIDERS.has(other) ? other : null;
}

/** Hugging Face's router bills what the provider behind it asks; price tables list each as one of its own. */
const ROUTED = /^huggingface_[a-z0-9-]{1,40}$/;

/** The provider that answers under this URL, or null. Behind Hugging Face's router: `huggingface_together`. */
export function providerOfUrl(url: string): string | null {
  if (!URL.canParse(url)) return null;
  const { hostname, port, pathname } = new URL(url);
  const routed =
    hostname === 'router.huggingface.co' ? /^\/([a-z0-9-]{1,40})\//.exec(pathname)?.[1] : undefined;
  if (routed !== undefined && !/^(v\d+|hf-inference)$/.test(routed)) return `huggingface_${routed}`;
  for (const [pattern, provider] of HOSTS) if (pattern.test(hostname)) return provider;
  const local = hostname === 'localhost' || hostname === '127.0.0.1' || hostname === '[::1]';
  return local ? (LOCAL_PORTS.get(port) ?? null) : null;
}

/** OpenAI's hosts that keep data in one region, each at a price of its own. */
const OPENAI_REGION = /^https?:\/\/(us|eu|au|ca|jp|in|sg|kr|gb|ae)\.api\.openai\.com(?:\/|:|$)/i;

/** Region class named by the host (`eu.api.openai.com`), or null. */
export function regionOfUrl(url: string | undefined): string | null {
  const match = url === undefined ? null : OPENAI_REGION.exec(url);
  return match?.[1]?.toLowerCase() ?? null;
}

/** The path of a URL, without query and trailing slash. */
export function pathOf(url: string | undefined): string | null {
  const path = url === undefined ? null : /^[a-z][a-z0-9+.-]*:\/\/[^/?#]+([^?#]*)/i.exec(url);
  return path === null ? null : withoutTrailing(path[1] ?? '', '/');
}

/** The deployment (Azure) or model (Google, Bedrock) a URL names, or null. */
export function modelOfUrl(url: string | undefined): string | null {
  const match = /\/(?:deployments|models?)\/([^/:?]+)/.exec(pathOf(url) ?? '');
  if (match?.[1] === undefined) return null;
  try {
    return decodeURIComponent(match[1]);
  } catch {
    return match[1];
  }
}

/** Vertex bills its global endpoint apart from regional ones: `global`, `regional`, or null elsewhere. */
export function vertexRegion(url: string | undefined): string | null {
  const location = url === undefined ? undefined : /\/projects\/[^/]+\/locations\/([^/]+)\//.exec(url)?.[1];
  if (location === undefined) return null;
  return location === 'global' ? 'global' : 'regional';
}

/** The region of AWS whose endpoint answered, or null: some models cost more in some of them. */
export function bedrockRegion(url: string | undefined): string | null {
  const host = url === undefined ? undefined : /^https?:\/\/([^/?#:]+)/i.exec(url)?.[1]?.toLowerCase();
  return (
    /^bedrock[a-z-]*\.([a-z]{2}(?:-[a-z]+)+-\d+)\.(?:amazonaws\.com(?:\.cn)?|api\.aws)$/.exec(
      host ?? '',
    )?.[1] ?? null
  );
}

/** The provider a body names by what only it sends, or null. */
export function providerOfBody(body: JsonObject): string | null {
  const inner = getObject(body, 'response') ?? getObject(body, 'message') ?? body;
  const usage = getObject(inner, 'usage');
  if (isObject(get(body, 'x_groq'))) return 'groq';
  if (usage !== null && get(usage, 'cost_in_usd_ticks') !== undefined) return 'xai';
  if (usage !== null && get(usage, 'is_byok') !== undefined) return 'openrouter';
  if (usage !== null && get(usage, 'prompt_cache_hit_tokens') !== undefined) return 'deepseek';
  const model = getName(inner, 'model');
  return model === null ? null : providerOfModel(model);
}

/** The provider whose model this can only be, or null: many hosts serve the same open model. */
export function providerOfModel(model: string): string | null {
  for (const [pattern, provider] of MODEL_STARTS) if (pattern.test(model)) return provider;
  return null;
}
