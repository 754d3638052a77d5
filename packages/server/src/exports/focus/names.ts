/** Names in a FOCUS file: provider, publisher, meters and units. */
import { canonicalProvider, METERS, type Meter } from '@farthing/pricing';

interface ProviderNames {
  /** The provider that is paid and issues the invoice. */
  readonly name: string;
  readonly service: string;
  /** True where models of others are sold: the publisher then follows from the model. */
  readonly resells?: true;
}

const PROVIDERS: { readonly [provider: string]: ProviderNames } = {
  openai: { name: 'OpenAI', service: 'OpenAI API' },
  anthropic: { name: 'Anthropic', service: 'Claude API' },
  azure: { name: 'Microsoft', service: 'Azure OpenAI Service', resells: true },
  bedrock: { name: 'Amazon Web Services', service: 'Amazon Bedrock', resells: true },
  google: { name: 'Google', service: 'Gemini API' },
  vertex: { name: 'Google Cloud', service: 'Vertex AI', resells: true },
  xai: { name: 'xAI', service: 'xAI API' },
  mistral: { name: 'Mistral AI', service: 'Mistral API' },
  together: { name: 'Together AI', service: 'Together AI', resells: true },
  fireworks: { name: 'Fireworks AI', service: 'Fireworks AI', resells: true },
  groq: { name: 'Groq', service: 'GroqCloud', resells: true },
  cerebras: { name: 'Cerebras', service: 'Cerebras Inference', resells: true },
  moonshotai: { name: 'Moonshot AI', service: 'Kimi API' },
  perplexity: { name: 'Perplexity', service: 'Perplexity API' },
  voyageai: { name: 'Voyage AI', service: 'Voyage AI' },
  zai: { name: 'Z.AI', service: 'Z.AI API' },
  cloudflare: { name: 'Cloudflare', service: 'Workers AI', resells: true },
  deepseek: { name: 'DeepSeek', service: 'DeepSeek API' },
  openrouter: { name: 'OpenRouter', service: 'OpenRouter', resells: true },
  'github-copilot': { name: 'GitHub', service: 'GitHub Copilot', resells: true },
  cohere: { name: 'Cohere', service: 'Cohere API' },
};

/** Beginnings of models' names, behind a vendor's prefix or not, and who made them. */
const PUBLISHERS: readonly (readonly [RegExp, string])[] = [
  [/claude/, 'Anthropic'],
  [/(^|[/.])(gpt|o\d|chatgpt|text-embedding-|whisper|dall-e|davinci|codex|tts-)/, 'OpenAI'],
  [/gemini|gemma|imagen|(^|[/.])veo/, 'Google'],
  [/llama/, 'Meta'],
  [/mistral|mixtral|codestral|ministral|pixtral|magistral|voxtral|devstral/, 'Mistral AI'],
  [/(^|[/.])(command|rerank|embed-(english|multilingual|v\d))/, 'Cohere'],
  [/deepseek/, 'DeepSeek'],
  [/qwen|qwq/, 'Alibaba Cloud'],
  [/(^|[/.])(nova|titan)|amazon/, 'Amazon Web Services'],
  [/grok/, 'xAI'],
  [/kimi/, 'Moonshot AI'],
  [/(^|[/.])glm|z-ai/, 'Z.AI'],
  [/(^|[/.])phi-/, 'Microsoft'],
  [/jamba/, 'AI21 Labs'],
  [/nemotron/, 'NVIDIA'],
  [/sonar/, 'Perplexity'],
];

/** The name columns for a provider and a model. An unknown provider appears under its own name. */
export function namesOf(provider: string, model: string) {
  const known = PROVIDERS[canonicalProvider(provider)];
  if (known === undefined) return { provider, service: provider, publisher: provider };
  const { name, service, resells = false } = known;
  const lower = model.toLowerCase();
  const maker = resells ? PUBLISHERS.find(([begins]) => begins.test(lower))?.[1] : undefined;
  return { provider: name, service, publisher: maker ?? name };
}

const METER_NAMES: { readonly [M in Meter]?: string } = {
  input_uncached: 'Input Tokens',
  input_cache_read: 'Cache Read Input Tokens',
  input_cache_write: 'Cache Write Input Tokens',
  input_cache_write_5m: 'Cache Write Input Tokens, 5 Minutes',
  input_cache_write_1h: 'Cache Write Input Tokens, 1 Hour',
  input_tool_prompt: 'Tool Prompt Input Tokens',
  output_text: 'Output Tokens',
  output_reasoning: 'Reasoning Output Tokens',
  output_citation: 'Citation Output Tokens',
  maps_searches: 'Searches in Google Maps',
  audio_seconds_in: 'Audio Input Seconds',
  audio_seconds_out: 'Audio Output Seconds',
  characters_in: 'Input Characters',
  text_messages_in: 'Input Text Messages',
  images: 'Output Images',
  pages: 'Input Pages',
  pages_annotated: 'Annotated Pages',
};

const capital = (text: string) => text.replace(/(^|[\s-])\p{Ll}/gu, (letter) => letter.toUpperCase());

/** `SkuMeter`: "Cache Read Input Tokens". */
export function meterName(meter: Meter): string {
  const named = METER_NAMES[meter];
  if (named !== undefined) return named;
  const token = /^(input|output)_(audio|image|video|document)(_cache_read)?$/.exec(meter);
  if (token === null) return capital(METERS[meter].label);
  const [, direction = '', modality = '', cached] = token;
  return `${cached === undefined ? '' : 'Cache Read '}${capital(modality)} ${capital(direction)} Tokens`;
}

/** `ConsumedUnit`: "Tokens". */
export const unitName = (meter: Meter): string => capital(METERS[meter].unit);

/** `PricingUnit`: "1000000 Tokens", "Requests", "Hours". */
export function pricingUnitName(meter: Meter, per: number): string {
  if (METERS[meter].unit === 'seconds' && per === 3600) return 'Hours';
  if (METERS[meter].unit === 'seconds' && per === 60) return 'Minutes';
  return per === 1 ? unitName(meter) : `${per} ${unitName(meter)}`;
}

const MODALITY = /_(audio|image|video|document)/;

/** Properties of a price that describe what its token meter counts. */
export function meterDetails(meter: Meter): { readonly [key: string]: string } {
  const { unit, direction } = METERS[meter];
  if (unit !== 'tokens') return {};
  const cache = /cache_read/.test(meter) ? 'Read' : /cache_write/.test(meter) ? 'Write' : 'Uncached';
  return {
    x_TokenDirection: capital(direction),
    ...(direction === 'input' ? { x_TokenCacheAction: cache } : {}),
    x_TokenModality: capital(MODALITY.exec(meter)?.[1] ?? 'text'),
  };
}
