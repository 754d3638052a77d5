import type { ReactNode } from 'react';
import styles from './Card.module.css';

interface CardProps {
  /** A `section` is a landmark, a `group` belongs together within one. */
  readonly as?: 'section' | 'group';
  /** Its name, where no heading of its own says it. */
  readonly label?: string;
  /** The id of the heading that names it. */
  readonly labelledBy?: string;
  /** `large` is for a page that has little else. */
  readonly padding?: 'normal' | 'large';
  readonly children: ReactNode;
}

/** A piece of paper with a hairline around it: the background of a part of a page. */
export function Card({ as = 'section', label, labelledBy, padding = 'normal', children }: CardProps) {
  const named = { 'aria-label': label, 'aria-labelledby': labelledBy };
  const look = { className: styles['card'], 'data-padding': padding };
  if (as === 'section') {
    return (
      <section {...look} {...named}>
        {children}
      </section>
    );
  }
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset is for form controls
    <div role="group" {...look} {...named}>
      {children}
    </div>
  );
}
