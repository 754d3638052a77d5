import type { ReactNode } from 'react';
import styles from './PageBody.module.css';

interface PageBodyProps {
  /** Nothing is known yet that could be shown. */
  readonly busy?: boolean;
  readonly children?: ReactNode;
}

/** The column in which a page stands. */
export function PageBody({ busy, children }: PageBodyProps) {
  return (
    <div className={styles['body']} aria-busy={busy}>
      {children}
    </div>
  );
}
