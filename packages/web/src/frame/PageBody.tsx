import type { ReactNode } from 'react';
import styles from './PageBody.module.css';

interface PageBodyProps {
  /** There is nothing to show yet. */
  readonly busy?: boolean;
  readonly children?: ReactNode;
}

/** The column of a page's content. */
export function PageBody({ busy, children }: PageBodyProps) {
  return (
    <div className={styles['body']} aria-busy={busy}>
      {children}
    </div>
  );
}
