import { Card } from '../elements/Card.tsx';
import { Skeleton } from '../elements/Skeleton.tsx';

export function RequestsSkeleton() {
  return (
    <Card label="The list of requests">
      <Skeleton of="list" />
    </Card>
  );
}
