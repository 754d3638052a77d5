import { Button } from '@mantine/core';
import { answeredWith } from '../api.ts';
import { Note } from '../elements/Note.tsx';
import { Notice } from '../elements/Notice.tsx';

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
    <Notice alert>
      <strong>{what} could not be loaded.</strong> {message} The other parts of the page still work.
      {requestId === null ? null : (
        <Note as="div">
          <code>request {requestId}</code>
        </Note>
      )}
      <Button size="xs" variant="default" mt={8} onClick={onRetry}>
        Try again
      </Button>
    </Notice>
  );
}
