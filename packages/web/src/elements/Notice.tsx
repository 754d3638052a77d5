import { IconAlertTriangle } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import styles from './Notice.module.css';

interface NoticeProps {
  /** Read out at once: something just went wrong. */
  readonly alert?: boolean;
  readonly children: ReactNode;
}

/** Something to know before reading on. */
export function Notice({ alert = false, children }: NoticeProps) {
  return (
    <div className={styles['notice']} role={alert ? 'alert' : undefined}>
      <IconAlertTriangle size={18} aria-hidden />
      <div>{children}</div>
    </div>
  );
}
