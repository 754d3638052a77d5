/** The frame around every page: the shell, except for the page for users without a session. */
import { OTHER_PATHS } from '@farthing/contract/pages';
import { useRouterState } from '@tanstack/react-router';
import { Welcome } from '../session/Welcome.tsx';
import { Shell } from './Shell.tsx';
import type { PageIcons } from './Sidebar.tsx';

export function Frame({ icons }: { readonly icons: PageIcons }) {
  const pathname = useRouterState({ select: ({ location }) => location.pathname });
  return pathname === OTHER_PATHS.welcome ? <Welcome /> : <Shell icons={icons} />;
}
