import { type ReactNode, useId } from 'react';
import { Card } from '../elements/Card.tsx';
import styles from './FigureCard.module.css';

interface FigureCardProps {
  readonly label: string;
  readonly figure: ReactNode;
  readonly note: ReactNode;
  /** The one big number of the page; for amounts that fit at that size. */
  readonly big?: boolean;
  readonly children?: ReactNode;
}

/** One figure, its name, and what it is compared with. */
export function FigureCard({ label, figure, note, big = false, children }: FigureCardProps) {
  const name = useId();
  return (
    <Card as="group" labelledBy={name}>
      <div id={name} className={styles['label']}>
        {label}
      </div>
      <div className={styles['figure']} data-big={big || undefined}>
        {figure}
      </div>
      <div className={styles['note']}>{note}</div>
      {children === undefined ? null : <div className={styles['drawing']}>{children}</div>}
    </Card>
  );
}
