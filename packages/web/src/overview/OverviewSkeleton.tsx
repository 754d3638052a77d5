import { Card } from '../elements/Card.tsx';
import { Skeleton } from '../elements/Skeleton.tsx';
import styles from './layout.module.css';

export function OverviewSkeleton() {
  return (
    <>
      <FigureCardSkeletons />
      <div className={styles['split']}>
        <Card label="Spend over time">
          <Skeleton of="chart" />
        </Card>
        <Card label="What it was spent on">
          <Skeleton of="panel" />
        </Card>
      </div>
      <Card label="Newest requests">
        <Skeleton of="list" />
      </Card>
    </>
  );
}

export function FigureCardSkeletons() {
  return (
    <section className={styles['figures']} aria-busy="true" aria-label="Figures are loading">
      {['month', 'today', 'projection', 'range', 'requests', 'tokens'].map((name) => (
        <Card as="group" key={name} label={name}>
          <Skeleton of="label" />
          <Skeleton of="figure" />
          <Skeleton of="note" />
        </Card>
      ))}
    </section>
  );
}
