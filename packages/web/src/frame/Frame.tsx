/** What stands around every page: the shell, but for the page of those who have no session yet. */
import { useRouterState } from '@tanstack/react-router';
import { Shell } from './Shell.tsx';
import { Welcome } from './Welcome.tsx';

export function Frame() {
  const pathname = useRouterState({ select: ({ location }) => location.pathname });
  return pathname === '/welcome' ? <Welcome /> : <Shell />;
}
