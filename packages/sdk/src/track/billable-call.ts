/** Which requests are model calls, and whose. */
import type { UsageEventInput } from '@farthing/contract';

/** The kinds of client {@link clientKind} tells apart. */
export type ClientKind = 'openai' | 'anthropic';

/** What is known about a call from its URL. */
export interface BillableCall {
  readonly provider: string;
  readonly operation: NonNullable<UsageEventInput['operation']>;
  /** How its streams look. */
  readonly shape: 'chat' | 'responses' | 'messages' | 'other';
  readonly host: string;
}

/** Path ends of billable POSTs. Reading, listing, counting and cancelling are not billed. */
const PATHS: readonly (readonly [RegExp, BillableCall['operation'], BillableCall['shape']])[] = [
  [/\/chat\/completions$/, 'chat', 'chat'],
  [/\/completions$/, 'completion', 'chat'],
  [/\/responses(\/compact)?$/, 'responses', 'responses'],
  [/\/embeddings$/, 'embedding', 'other'],
  [/\/messages$/, 'chat', 'messages'],
  [/\/images\/(generations|edits|variations)$/, 'image', 'other'],
  [/\/audio\/(transcriptions|translations)$/, 'transcription', 'other'],
];

/** Hosts of providers that are used through another provider's client. */
const HOSTS: readonly (readonly [RegExp, string])[] = [
  [/\.(openai\.azure\.com|cognitiveservices\.azure\.com|services\.ai\.azure\.com)$/, 'azure'],
  [/^generativelanguage\.googleapis\.com$/, 'google'],
  [/aiplatform\.googleapis\.com$/, 'vertex'],
  [/^bedrock[a-z-]*\.[a-z0-9-]+\.amazonaws\.com$/, 'bedrock'],
  [/(^|\.)x\.ai$/, 'xai'],
  [/(^|\.)groq\.com$/, 'groq'],
  [/(^|\.)mistral\.ai$/, 'mistral'],
  [/(^|\.)deepseek\.com$/, 'deepseek'],
  [/(^|\.)together\.(xyz|ai)$/, 'together'],
  [/(^|\.)fireworks\.ai$/, 'fireworks'],
  [/(^|\.)cerebras\.ai$/, 'cerebras'],
  [/(^|\.)openrouter\.ai$/, 'openrouter'],
  [/(^|\.)perplexity\.ai$/, 'perplexity'],
  [/(^|\.)moonshot\.(ai|cn)$/, 'moonshot'],
  [/(^|\.)z\.ai$/, 'zai'],
];

/**
 * Reads a request's URL; nothing where it is no billable call.
 *
 * @param provider The caller's word, which wins over the host's.
 */
export function billableCall(
  url: URL,
  method: string,
  kind: ClientKind,
  provider: string | undefined,
): BillableCall | undefined {
  if (method !== 'POST') return undefined;
  const path = url.pathname.replace(/\/+$/, '');
  const known = PATHS.find(([pattern]) => pattern.test(path));
  if (known === undefined) return undefined;
  const byHost = HOSTS.find(([pattern]) => pattern.test(url.hostname))?.[1];
  return { provider: provider ?? byHost ?? kind, operation: known[1], shape: known[2], host: url.hostname };
}

/** Which client this is, by its surface; nothing for something else. */
export function clientKind(client: object): ClientKind | undefined {
  if ('chat' in client && 'embeddings' in client) return 'openai';
  if ('messages' in client) return 'anthropic';
  return undefined;
}
