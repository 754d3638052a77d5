import type { ReactNode } from 'react';
import styles from './EntryPage.module.css';

/** A page of its own for those without a session: mark, heading, and what there is to do. */
export function EntryPage({ heading, children }: { readonly heading: string; readonly children: ReactNode }) {
  return (
    <main className={styles['page']}>
      <header className={styles['head']}>
        <img src="/favicon.svg" alt="" width={40} height={40} />
        <h1>{heading}</h1>
      </header>
      {children}
    </main>
  );
}
