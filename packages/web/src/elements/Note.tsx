import type { ReactNode } from 'react';
import styles from './Note.module.css';

interface NoteProps {
  readonly as?: 'p' | 'span' | 'div';
  /** No space of its own above and below. */
  readonly tight?: boolean;
  readonly children: ReactNode;
}

/** A remark in small, soft type. */
export function Note({ as: Element = 'p', tight = false, children }: NoteProps) {
  return (
    <Element className={styles['note']} data-tight={tight || undefined}>
      {children}
    </Element>
  );
}
