import styles from './Skeleton.module.css';

interface SkeletonProps {
  /** The thing it is shown for; it has that thing's height. */
  readonly of: 'label' | 'figure' | 'note' | 'chart' | 'panel' | 'detail' | 'list';
}

/** Stands where something is still loading, in its size, so that nothing jumps when it comes. */
export function Skeleton({ of }: SkeletonProps) {
  return <div className={styles['skeleton']} data-of={of} aria-busy="true" />;
}
