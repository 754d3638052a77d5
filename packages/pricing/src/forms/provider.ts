/** Who answered: provider names, their aliases, and the hosts they answer from. */
import { canonicalProvider } from '../book/providers.ts';
import { get, getName, getObject, isObject } from '../json/members.ts';
import type { JsonObject } from '../usage/usage.ts';
import { FORMS } from './registry.ts';

/**
 * Providers known by name: those with a description, and these, whose answers alone are read. `openai-compatible` means
 * any self-hosted or unlisted endpoint of that form.
 */
const PROVIDERS: ReadonlySet<string> = new Set([
  ...FORMS.map(({ id }) => id),
  ...(
    'ai21 alephalpha alibaba anyscale assemblyai baseten cartesia cloudflare crusoe cursor ' +
    'databricks deepgram elevenlabs fal friendli github-copilot gladia heroku hyperbolic inception ' +
    'jina lambda meta minimax nebius novita ovhcloud parasail replicate revai scaleway snowflake ' +
    'stability stepfun tencent vercel voyageai watsonx writer'
  ).split(' '),
]);

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

/** Hosts of providers that are not described. */
const OTHER_HOSTS: readonly (readonly [id: string, hosts: readonly (string | RegExp)[]])[] = [
  ['voyageai', ['voyageai.com']],
  ['jina', ['jina.ai']],
  ['alibaba', [/^dashscope[a-z-]*\.aliyuncs\.com$/]],
  ['writer', ['writer.com']],
  ['novita', ['novita.ai']],
  ['nebius', ['nebius.ai', 'nebius.com']],
  ['cloudflare', ['cloudflare.com']],
  ['watsonx', [/\.cloud\.ibm\.com$/]],
];

/** No host belongs to two providers. */
const HOSTS = [...FORMS.map(({ id, hosts }) => [id, hosts] as const), ...OTHER_HOSTS];

/** A provider on this machine is recognised by its port. */
const LOCAL_PORTS: ReadonlyMap<string, string> = new Map(
  FORMS.flatMap(({ id, baseUrl }) => {
    const url = baseUrl === null ? null : new URL(baseUrl);
    return url?.hostname === 'localhost' ? [[url.port, id] as const] : [];
  }),
);

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

/** Hugging Face's router bills the price of the provider behind it; price tables list each as a separate provider. */
const ROUTED = /^huggingface_[a-z0-9-]{1,40}$/;

/** The provider that answers under this URL, or null. Behind Hugging Face's router: `huggingface_together`. */
export function providerOfUrl(url: string): string | null {
  if (!URL.canParse(url)) return null;
  const { hostname, port, pathname } = new URL(url);
  const routed =
    hostname === 'router.huggingface.co' ? /^\/([a-z0-9-]{1,40})\//.exec(pathname)?.[1] : undefined;
  if (routed !== undefined && !/^(v\d+|hf-inference)$/.test(routed)) return `huggingface_${routed}`;
  const found = HOSTS.find(([, hosts]) => hosts.some((host) => isHost(hostname, host)));
  if (found !== undefined) return found[0];
  const local = hostname === 'localhost' || hostname === '127.0.0.1' || hostname === '[::1]';
  return local ? (LOCAL_PORTS.get(port) ?? null) : null;
}

function isHost(hostname: string, host: string | RegExp): boolean {
  if (typeof host !== 'string') return host.test(hostname);
  return hostname === host || hostname.endsWith(`.${host}`);
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
