/** The navigation: at the side, at the bottom on a phone. Lists the pages that the role of the session may open. */
import { PAGE_GROUPS, type PageId, pagesFor } from '@farthing/contract/pages';
import type { Icon } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import { AccountMenu } from '../session/AccountMenu.tsx';
import { useSession } from '../session/session.ts';
import styles from './Sidebar.module.css';

export type PageIcons = { readonly [id in PageId]: { readonly Icon: Icon } };

export function Sidebar({ icons }: { readonly icons: PageIcons }) {
  const { role, product } = useSession();
  const pages = pagesFor(role);
  return (
    <nav className={styles['sidebar']} aria-label="Main">
      <Link
        to="/"
        search={(previous) => previous}
        className={styles['brand']}
        aria-label="Farthing, overview"
      >
        <img src="/favicon.svg" alt="" />
        <span>Farthing</span>
      </Link>
      {PAGE_GROUPS.map((group) => (
        <div key={group} className={styles['group']}>
          {pages
            .filter((page) => page.group === group)
            .map(({ id, path, title }) => {
              const { Icon: PageIcon } = icons[id];
              return (
                <Link
                  key={id}
                  to={path}
                  search={(previous) => previous}
                  className={styles['item']}
                  activeOptions={{ exact: path === '/', includeSearch: false }}
                >
                  <PageIcon size={20} stroke={1.6} aria-hidden />
                  <span>{title}</span>
                </Link>
              );
            })}
        </div>
      ))}
      <AccountMenu buttonClassName={styles['item']} />
      <div className={styles['foot']}>Farthing {product.version}</div>
    </nav>
  );
}
