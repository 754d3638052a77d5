import type { ErrorComponentProps } from '@tanstack/react-router';
import { Failure } from '../panel/Failure.tsx';
import { PageBody } from './PageBody.tsx';

/** Shown in place of a page that could not be drawn. */
export function PageFailure({ error, reset }: ErrorComponentProps) {
  return (
    <PageBody>
      <Failure error={error} what="This page" onRetry={reset} />
    </PageBody>
  );
}
