/** Which requests are model calls, and whose. */
import type { UsageEventInput } from '@farthing/contract';
import {
  formOf,
  providerOfUrl,
  type Surface,
  surfaceOfEnd,
  withoutTrailing,
} from '@farthing/pricing/extract';

/** The kinds of client {@link clientKind} tells apart; each is a provider whose form the client speaks. */
export type ClientKind = 'openai' | 'anthropic';

/** What is known about a call from its URL. */
export interface BillableCall {
  readonly provider: string;
  readonly operation: NonNullable<UsageEventInput['operation']>;
  /** How its request and its answer look. */
  readonly surface: Surface;
  readonly host: string;
  /** Without query. */
  readonly url: string;
}

/** Calls whose answers say what they cost. Reading, listing, counting and cancelling are not billed. */
const TRACKED: ReadonlySet<string> = new Set([
  'chat',
  'completions',
  'responses',
  'responses.compact',
  'embeddings',
  'messages',
  'images',
  'transcription',
]);

/**
 * Reads a request's URL; nothing where it is no billable call.
 *
 * @param provider The provider that the caller names; it wins over the host.
 */
export function billableCall(
  url: URL,
  method: string,
  kind: ClientKind,
  provider: string | undefined,
): BillableCall | undefined {
  if (method !== 'POST') return undefined;
  const surface = surfaceOf(withoutTrailing(url.pathname, '/'));
  if (surface === undefined) return undefined;
  const byHost = providerOfUrl(url.href);
  return {
    provider: provider ?? byHost ?? kind,
    operation: surface.operation,
    surface,
    host: url.hostname,
    url: `${url.origin}${url.pathname}`,
  };
}

/** Matches the end of the path, because clients are pointed at all kinds of addresses. */
function surfaceOf(path: string): Surface | undefined {
  for (const provider of ['openai', 'anthropic'] satisfies ClientKind[]) {
    const form = formOf(provider);
    const surface = form === null ? null : surfaceOfEnd(form, path);
    if (surface !== null && TRACKED.has(surface.name)) return surface;
  }
  return undefined;
}

/** Which client this is, by its surface; nothing for something else. */
export function clientKind(client: object): ClientKind | undefined {
  if ('chat' in client && 'embeddings' in client) return 'openai';
  if ('messages' in client) return 'anthropic';
  return undefined;
}
