import styles from './Badge.module.css';

interface BadgeProps {
  readonly tone: 'warning' | 'critical';
  readonly children: string;
}

/** One word for something unusual; the word carries the meaning, the colour only helps. */
export function Badge({ tone, children }: BadgeProps) {
  return (
    <span className={styles['badge']} data-tone={tone}>
      {children}
    </span>
  );
}
