/** The frame of every page for signed-in users: navigation beside it, the live connection, the keys. */
import { useQuery } from '@tanstack/react-query';
import { Outlet } from '@tanstack/react-router';
import { api, isSignedOut } from '../api.ts';
import { LiveProvider } from '../live/LiveProvider.tsx';
import { Failure } from '../panel/Failure.tsx';
import { SignedOut } from '../session/SignedOut.tsx';
import { SessionContext } from '../session/session.ts';
import { PageBody } from './PageBody.tsx';
import styles from './Shell.module.css';
import { ShortcutSheet } from './ShortcutSheet.tsx';
import { type PageIcons, Sidebar } from './Sidebar.tsx';

export function Shell({ icons }: { readonly icons: PageIcons }) {
  const session = useQuery(api.session.me.queryOptions());
  if (isSignedOut(session.error)) return <SignedOut />;
  if (session.error) {
    return (
      <PageBody>
        <Failure error={session.error} what="The session" onRetry={() => void session.refetch()} />
      </PageBody>
    );
  }
  if (session.data === undefined) return <PageBody busy />;
  const { notice } = session.data;
  return (
    <SessionContext value={session.data}>
      <LiveProvider>
        <a className={styles['skip']} href="#content">
          Skip to the content
        </a>
        <div className={styles['shell']}>
          <Sidebar icons={icons} />
          <main id="content" tabIndex={-1}>
            {notice === null ? null : <p className={styles['notice']}>{notice}</p>}
            <Outlet />
          </main>
        </div>
        <ShortcutSheet />
      </LiveProvider>
    </SessionContext>
  );
}
