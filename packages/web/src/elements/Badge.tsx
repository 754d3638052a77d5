import styles from './Badge.module.css';

interface BadgeProps {
  readonly tone: 'warning' | 'critical';
  readonly children: string;
}

/** One word about a thing that is out of the ordinary; the word says it, the colour only helps. */
export function Badge({ tone, children }: BadgeProps) {
  return (
    <span className={styles['badge']} data-tone={tone}>
      {children}
    </span>
  );
}
