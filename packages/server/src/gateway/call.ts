/** A call between its admission and its being sent to a provider. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { PathMatch } from '@farthing/pricing/extract';
import type { Places } from '../http/rooms/room.ts';
import type { Admitted } from './admission/admit.ts';
import type { GatewayProvider } from './providers/gateway-provider.ts';
import type { Target } from './providers/target.ts';
import type { ReadRequest } from './request/read-request.ts';

/** Made by `openCall`, changed by the steps of `steps/`, then sent up as an attempt. */
export interface Call {
  readonly incoming: IncomingMessage;
  readonly response: ServerResponse;
  /** The provider. */
  readonly provider: GatewayProvider;
  readonly target: Target;
  /** The caller. */
  readonly caller: Admitted;
  /** Shared resources that steps have taken; freed when the call is over. */
  readonly places: Places;
  /** Null: the call passes through unread and leaves no event. */
  readonly recorded: Recorded | null;
  /** The request, once it was read; null: its body passes as it comes. */
  readonly request: ReadRequest | null;
  readonly outgoing: Outgoing;
}

/** Present on calls that are recorded as an event. */
export interface Recorded {
  /** Facts read from the path, by the form of the provider. */
  readonly match: PathMatch;
  readonly start: Start;
}

/** When something began. */
export interface Start {
  /** Unix milliseconds. */
  readonly at: number;
  /** The same moment by `performance.now()`: the time of day may be set meanwhile. */
  readonly tick: number;
}

/** The head of the request that goes up. Its body is that of `Call.request`, or the caller's as it comes. */
export interface Outgoing {
  readonly method: string;
  /** The provider's origin, `https://api.openai.com`. */
  readonly origin: string;
  /** Path and query below the origin. */
  readonly path: string;
  /** Names and values in turn; empty until the step `headers`. */
  readonly headers: readonly string[];
}

/** A call as it was admitted. */
export function openCall(
  from: Pick<Call, 'incoming' | 'response' | 'provider' | 'target' | 'caller' | 'places'>,
): Call {
  const method = from.incoming.method ?? 'GET';
  const outgoing = { method, origin: from.provider.base.origin, path: from.target.path, headers: [] };
  return { ...from, recorded: null, request: null, outgoing };
}
