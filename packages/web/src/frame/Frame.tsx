/** What stands around every page: the shell, but for the page of those who have no session yet. */
import { useRouterState } from '@tanstack/react-router';
import { Welcome } from '../session/Welcome.tsx';
import { Shell } from './Shell.tsx';

export function Frame() {
  const pathname = useRouterState({ select: ({ location }) => location.pathname });
  return pathname === '/welcome' ? <Welcome /> : <Shell />;
}
