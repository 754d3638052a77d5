/** The frame of every page: navigation at the side, at the bottom on a phone. */
import { ActionIcon, useComputedColorScheme, useMantineColorScheme } from '@mantine/core';
import { IconChartBar, IconList, IconMoon, IconSun } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { Link, Outlet } from '@tanstack/react-router';
import { api, isSignedOut } from '../api.ts';
import { LiveProvider } from '../live/live.tsx';
import { Failure } from '../panel/Failure.tsx';
import { AccountMenu } from '../session/AccountMenu.tsx';
import { SignedOut } from '../session/SignedOut.tsx';
import { SessionContext } from '../session/session.ts';
import { ShortcutSheet } from './ShortcutSheet.tsx';

const PAGES = [
  { to: '/', label: 'Overview', Icon: IconChartBar },
  { to: '/requests', label: 'Requests', Icon: IconList },
] as const;

export function Shell() {
  const session = useQuery(api.session.me.queryOptions());
  if (isSignedOut(session.error)) return <SignedOut />;
  if (session.error) {
    return (
      <div className="page">
        <Failure error={session.error} what="The session" onRetry={() => void session.refetch()} />
      </div>
    );
  }
  if (session.data === undefined) return <div className="page" aria-busy="true" />;
  return (
    <SessionContext value={session.data}>
      <LiveProvider>
        <a className="skip-link" href="#content">
          Skip to the content
        </a>
        <div className="shell">
          <nav className="sidebar" aria-label="Main">
            <Link to="/" search={(previous) => previous} className="brand" aria-label="Farthing, overview">
              <img src="/favicon.svg" alt="" />
              <span>Farthing</span>
            </Link>
            {PAGES.map(({ to, label, Icon }) => (
              <Link
                key={to}
                to={to}
                search={(previous) => previous}
                className="nav-link"
                activeOptions={{ exact: to === '/', includeSearch: false }}
              >
                <Icon size={20} stroke={1.6} aria-hidden />
                <span>{label}</span>
              </Link>
            ))}
            <AccountMenu />
            <div className="sidebar-foot">Farthing {session.data.product.version}</div>
          </nav>
          <main id="content" tabIndex={-1}>
            {session.data.notice === null ? null : <p className="site-notice">{session.data.notice}</p>}
            <Outlet />
          </main>
        </div>
        <ShortcutSheet />
      </LiveProvider>
    </SessionContext>
  );
}

/** Switches between light and dark; the first visit follows the system. */
export function SchemeSwitch() {
  const { setColorScheme } = useMantineColorScheme();
  const scheme = useComputedColorScheme('light');
  const next = scheme === 'dark' ? 'light' : 'dark';
  return (
    <ActionIcon
      variant="default"
      size={36}
      aria-label={`Switch to ${next} colours`}
      onClick={() => setColorScheme(next)}
    >
      {scheme === 'dark' ? <IconSun size={18} stroke={1.6} /> : <IconMoon size={18} stroke={1.6} />}
    </ActionIcon>
  );
}
