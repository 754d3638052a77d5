import type { ReactNode } from 'react';

interface ScrollRegionProps {
  readonly label: string;
  /** Its style sheet decides when it scrolls. */
  readonly className: string | undefined;
  readonly children: ReactNode;
}

/** A part that scrolls by itself: named, and reachable by keyboard so that it can be scrolled without a mouse. */
export function ScrollRegion({ label, className, children }: ScrollRegionProps) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: WCAG 2.1.1, a scrolling region must take the focus
    <section className={className} tabIndex={0} aria-label={label}>
      {children}
    </section>
  );
}
