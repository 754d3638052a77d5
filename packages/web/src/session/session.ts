/** Who is signed in; every page inside the shell has it. */
import { createContext, useContext } from 'react';
import type { ApiOutputs } from '../api.ts';

export type Session = ApiOutputs['session']['me'];

export const SessionContext = createContext<Session | null>(null);

export function useSession(): Session {
  const session = useContext(SessionContext);
  if (session === null) throw new Error('useSession is only for components inside the shell');
  return session;
}
