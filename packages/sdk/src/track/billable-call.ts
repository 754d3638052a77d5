/** Which requests are model calls, and whose. */
import type { UsageEventInput } from '@farthing/contract';
import { providerOfUrl, withoutTrailing } from '@farthing/pricing/extract';

/** The kinds of client {@link clientKind} tells apart. */
export type ClientKind = 'openai' | 'anthropic';

/** What is known about a call from its URL. */
export interface BillableCall {
  readonly provider: string;
  readonly operation: NonNullable<UsageEventInput['operation']>;
  /** How its streams look. */
  readonly shape: 'chat' | 'responses' | 'messages' | 'other';
  readonly host: string;
  /** Without query. */
  readonly url: string;
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
  const path = withoutTrailing(url.pathname, '/');
  const known = PATHS.find(([pattern]) => pattern.test(path));
  if (known === undefined) return undefined;
  const byHost = providerOfUrl(url.href);
  return {
    provider: provider ?? byHost ?? kind,
    operation: known[1],
    shape: known[2],
    host: url.hostname,
    url: `${url.origin}${url.pathname}`,
  };
}

/** Which client this is, by its surface; nothing for something else. */
export function clientKind(client: object): ClientKind | undefined {
  if ('chat' in client && 'embeddings' in client) return 'openai';
  if ('messages' in client) return 'anthropic';
  return undefined;
}
