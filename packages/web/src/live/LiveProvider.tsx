/**
 * The live connection: one event stream for all pages. It notifies listeners that new events were recorded; the
 * figures themselves always come from the API.
 */

import { useQueryClient } from '@tanstack/react-query';
import { type ReactNode, useEffect, useMemo, useRef, useState } from 'react';
import { useUrlSearch } from '../address/scope.ts';
import { type Live, LiveContext, type LiveListener, type LiveState } from './live.ts';

/** How long to wait after a stream that was refused. */
const RECONNECT_MS = 5_000;

export function LiveProvider({ children }: { readonly children: ReactNode }) {
  const { tenant } = useUrlSearch();
  const queries = useQueryClient();
  const listeners = useRef(new Set<LiveListener>());
  const [state, setState] = useState<LiveState>('connecting');
  useEffect(() => {
    const query = tenant === undefined ? '' : `?tenant=${encodeURIComponent(tenant)}`;
    const tell = () => {
      for (const listener of listeners.current) listener();
      // Queries that are not on screen now are repeated when they are shown.
      void queries.invalidateQueries({ type: 'inactive', refetchType: 'none' });
    };
    let source: EventSource;
    let again: ReturnType<typeof setTimeout> | undefined;
    const connect = () => {
      source = new EventSource(`/api/usage/stream${query}`);
      source.onopen = () => {
        setState('live');
        tell(); // events recorded while the stream was away
      };
      source.onerror = () => {
        setState('lost');
        // A broken connection comes back by itself; one that was answered with an error (stopping, full) does not.
        if (source.readyState !== EventSource.CLOSED) return;
        tell(); // a session that has ended shows when the listeners ask
        again = setTimeout(connect, RECONNECT_MS);
      };
      source.addEventListener('usage', tell);
    };
    connect();
    return () => {
      clearTimeout(again);
      source.close();
    };
  }, [tenant, queries]);
  const live = useMemo<Live>(
    () => ({
      state,
      subscribe: (listener) => {
        listeners.current.add(listener);
        return () => listeners.current.delete(listener);
      },
    }),
    [state],
  );
  return <LiveContext value={live}>{children}</LiveContext>;
}
