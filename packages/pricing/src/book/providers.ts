/** Providers: one canonical id each, whatever spelling it comes in. */

const ALIASES: { readonly [canonical: string]: readonly string[] } = {
  azure: [
    'azure-openai',
    'azure_openai',
    'azure-ai',
    'azure_ai',
    'az.ai.openai',
    'az.ai.inference',
    'azure.ai.openai',
    'azure.ai.inference',
  ],
  bedrock: [
    'aws',
    'amazon-bedrock',
    'amazon_bedrock',
    'aws-bedrock',
    'aws_bedrock',
    'aws.bedrock',
    'bedrock_converse',
    'amazon',
  ],
  google: [
    'gemini',
    'google-ai-studio',
    'google_ai_studio',
    'google-genai',
    'google_genai',
    'google-gla',
    'gcp.gemini',
    'gcp.gen_ai',
    'google.generative-ai',
  ],
  vertex: [
    'vertexai',
    'vertex-ai',
    'vertex_ai',
    'google-vertex',
    'google_vertex',
    'google-vertex-ai',
    'google-vertexai',
    'google_vertexai',
    'gcp.vertex_ai',
    'google.vertex',
    'google.vertex.chat',
  ],
  xai: ['x-ai', 'x_ai', 'x.ai', 'grok'],
  mistral: ['mistral-ai', 'mistralai', 'mistral_ai'],
  together: ['together-ai', 'together_ai', 'togetherai'],
  fireworks: ['fireworks-ai', 'fireworks_ai', 'fireworksai'],
  moonshotai: ['moonshot', 'moonshot-ai', 'moonshot_ai', 'kimi'],
  perplexity: ['perplexity-ai', 'perplexity_ai', 'perplexityai'],
  voyageai: ['voyage', 'voyage-ai', 'voyage_ai'],
  zai: ['z-ai', 'z.ai', 'z_ai'],
  cloudflare: ['cloudflare-workers-ai', 'workers-ai'],
  deepseek: ['deep-seek', 'deepseek-ai'],
  openai: ['open-ai', 'open_ai', 'openai.chat', 'openai.responses'],
  anthropic: ['anthropic.messages', 'claude'],
  openrouter: ['open-router', 'open_router'],
  'github-copilot': ['github_copilot', 'copilot', 'githubcopilot'],
  cohere: ['co.here', 'cohere-ai'],
};

const CANONICAL = new Map<string, string>(
  Object.entries(ALIASES).flatMap(([canonical, aliases]) =>
    aliases.map((alias) => [alias, canonical] as const),
  ),
);

/**
 * The canonical id of a provider, whatever its spelling; an unknown name comes back in lower case.
 *
 * @example canonicalProvider('aws.bedrock') === 'bedrock'; canonicalProvider('x-ai') === 'xai'
 */
export function canonicalProvider(name: string): string {
  // The fast path: most callers already use the canonical id.
  const known = CANONICAL.get(name);
  if (known !== undefined) return known;
  const lower = name.trim().toLowerCase();
  return CANONICAL.get(lower) ?? lower;
}
