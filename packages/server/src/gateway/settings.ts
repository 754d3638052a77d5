/** How the operator set the gateway up. */
export interface GatewaySettings {
  /** Base URL of each provider if it differs from the default; never chosen by a caller. */
  readonly baseUrls: { readonly [provider: string]: string | undefined };
  /** `strict`: an answer ends only when its event is durable. `relaxed`: the event may follow a moment later. */
  readonly durability: 'strict' | 'relaxed';
  /** When the client goes away: stop the provider, or read its answer to the end for its usage. */
  readonly onClientDisconnect: 'abort' | 'read_on';
  /** Longest reading on after the client has gone. */
  readonly readOnMs: number;
  /** Ask a stream for its usage where the provider states it only then and the caller does not ask. */
  readonly askStreamUsage: boolean;
  /** Largest request body of a recorded call. */
  readonly bodyLimitBytes: number;
  /** Most concurrent calls to one provider; a tenant has at most half of them, a key a third. */
  readonly calls: number;
  /** Most calls that wait for room, and how long each of them may, milliseconds. */
  readonly waiting: number;
  readonly waitMs: number;
  /** Most memory for request bodies and held ends of answers, bytes. A body of `bodyLimitBytes` always has room. */
  readonly memoryBytes: number;
  /** Longest wait for the first byte of an answer, and between two of its chunks. */
  readonly upstreamTimeoutMs: number;
}
