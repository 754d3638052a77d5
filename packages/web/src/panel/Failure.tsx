import { Button } from '@mantine/core';
import { IconAlertTriangle } from '@tabler/icons-react';
import { answeredWith } from '../api.ts';

interface FailureProps {
  readonly error: unknown;
  /** What could not be shown, as the beginning of a sentence: "Spend over time". */
  readonly what: string;
  readonly onRetry: () => void;
}

/** Says what happened and what to do, with the request id an operator can look up in the log. */
export function Failure({ error, what, onRetry }: FailureProps) {
  const { message, requestId } = answeredWith(error);
  return (
    <div className="notice" role="alert">
      <IconAlertTriangle size={18} aria-hidden />
      <div>
        <strong>{what} could not be loaded.</strong> {message} The other parts of the page still work.
        {requestId === null ? null : <div className="panel-note mono">request {requestId}</div>}
        <Button size="xs" variant="default" mt={8} onClick={onRetry}>
          Try again
        </Button>
      </div>
    </div>
  );
}
