import { Badge } from '../elements/Badge.tsx';
import styles from './EventMarks.module.css';
import type { ListedEvent } from './types.ts';

interface EventMarksProps {
  readonly event: Pick<ListedEvent, 'status' | 'usage_source' | 'cost_usd'>;
}

/** Unusual things about a request, in words. */
export function EventMarks({ event: { status, usage_source: source, cost_usd: cost } }: EventMarksProps) {
  return (
    <span className={styles['marks']}>
      {status === 'ok' ? null : <Badge tone="critical">{status}</Badge>}
      {source === 'reported' || source === 'none' ? null : <Badge tone="warning">{source}</Badge>}
      {cost === null ? <Badge tone="warning">unpriced</Badge> : null}
    </span>
  );
}
