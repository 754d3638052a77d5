/** What pages know of the live connection: its state, and that new events were recorded. */
import { createContext, useContext, useEffect, useRef } from 'react';

export type LiveState = 'connecting' | 'live' | 'lost';
export type LiveListener = () => void;

export interface Live {
  readonly state: LiveState;
  readonly subscribe: (listener: LiveListener) => () => void;
}

export const LiveContext = createContext<Live>({ state: 'connecting', subscribe: () => () => {} });

/** Calls `onEvents` when events were recorded, at most once per `intervalMs` and never while one call is due. */
export function useLive(onEvents: () => void, intervalMs: number): void {
  const { subscribe } = useContext(LiveContext);
  const latest = useRef(onEvents);
  latest.current = onEvents;
  useEffect(() => {
    let due: ReturnType<typeof setTimeout> | undefined;
    let last = 0;
    const unsubscribe = subscribe(() => {
      if (due !== undefined) return;
      due = setTimeout(
        () => {
          due = undefined;
          last = performance.now();
          latest.current();
        },
        Math.max(0, last + intervalMs - performance.now()),
      );
    });
    return () => {
      unsubscribe();
      clearTimeout(due);
    };
  }, [subscribe, intervalMs]);
}
