import { type ReactNode, useId } from 'react';
import { Card } from '../elements/Card.tsx';
import { Asked, type AskedProps } from './Asked.tsx';
import styles from './Panel.module.css';

interface PanelProps<T> extends AskedProps<T> {
  /** Its heading; null where the page's own says it, then `what` names the panel. */
  readonly title: string | null;
  /** Shown beside the heading: choices, a note, a link. */
  readonly aside?: ReactNode;
  /** Shown below the content in every state, for example more rows. */
  readonly below?: ReactNode;
}

/** A part of a page that asks one question: heading, answer, and what is shown until there is one. */
export function Panel<T>({ title, aside, below, ...asked }: PanelProps<T>) {
  const heading = useId();
  const named = title === null ? { label: asked.what } : { labelledBy: heading };
  return (
    <Card {...named}>
      {title === null ? null : (
        <div className={styles['head']}>
          <h2 id={heading}>{title}</h2>
          {aside}
        </div>
      )}
      <Asked {...asked} />
      {below}
    </Card>
  );
}
