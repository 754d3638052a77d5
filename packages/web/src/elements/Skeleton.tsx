import styles from './Skeleton.module.css';

interface SkeletonProps {
  /** The thing it is shown for; it has that thing's height. */
  readonly of: 'label' | 'figure' | 'note' | 'chart' | 'panel' | 'detail' | 'list';
}

/** Shown while something loads, in the same size, so that nothing jumps when it arrives. */
export function Skeleton({ of }: SkeletonProps) {
  return <div className={styles['skeleton']} data-of={of} aria-busy="true" />;
}
