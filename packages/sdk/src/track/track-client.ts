/** Puts a tracked fetch into a provider client. */
import { clientKind } from './billable-call.ts';
import { type Fetch, type TrackContext, trackedFetch } from './tracked-fetch.ts';

/** Which fetch functions are ours already, and for which Farthing client. */
const owners = new WeakMap<Fetch, object>();

/**
 * Tracks a client in place; tracking it twice, or a client made from a tracked one, changes nothing.
 *
 * @param owner The Farthing client that records.
 * @returns A sentence saying why not, where the client cannot be tracked.
 */
export function trackClient(
  client: object,
  owner: object,
  context: Omit<TrackContext, 'kind'>,
): string | undefined {
  const kind = clientKind(client);
  if (kind === undefined) return 'it is neither a client of openai nor of @anthropic-ai/sdk';
  const holder = client as { fetch?: unknown };
  if (typeof holder.fetch !== 'function') return 'it holds no fetch; update the provider package';
  const inner = holder.fetch as Fetch;
  if (owners.get(inner) === owner) return undefined;
  const wrapped = trackedFetch(inner, { ...context, kind });
  owners.set(wrapped, owner);
  holder.fetch = wrapped;
  return undefined;
}
