/** Watches whether the client is still there, and decides what that means for the provider's side of the call. */
import type { ServerResponse } from 'node:http';
import type { GatewaySettings } from './settings.ts';

export interface ClientWatch {
  /** Aborted once the client has gone before its answer was whole. */
  readonly gone: AbortSignal;
  /** Aborted when the provider must stop: with the client, or after the time to read on. */
  readonly stop: AbortSignal;
}

/** @param readable only a metered answer is worth reading on for */
export function watchClient(
  response: ServerResponse,
  settings: GatewaySettings,
  readable: boolean,
): ClientWatch {
  const gone = new AbortController();
  const stop = new AbortController();
  response.once('close', () => {
    if (response.writableFinished) return;
    gone.abort(new Error('the client went away'));
    if (settings.onClientDisconnect === 'abort' || !readable) {
      stop.abort(gone.signal.reason);
      return;
    }
    setTimeout(() => stop.abort(gone.signal.reason), settings.readOnMs).unref();
  });
  return { gone: gone.signal, stop: stop.signal };
}
