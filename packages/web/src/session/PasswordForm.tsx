/** A form that ends in a session: its fields, its one button, and the server's message when it refused. */
import type { ErrorBody } from '@farthing/contract';
import { Button } from '@mantine/core';
import { type FormEvent, type ReactNode, useState } from 'react';
import styles from './PasswordForm.module.css';

interface PasswordFormProps {
  /** Route that is asked: `/api/login`. */
  readonly route: string;
  readonly button: string;
  /** The body of the request, from the fields by name. */
  readonly body: (fields: FormData) => object;
  /** Called after the answer; the cookie is set by then. */
  readonly onDone: () => void;
  readonly children: ReactNode;
}

export function PasswordForm({ route, button, body, onDone, children }: PasswordFormProps) {
  const [refusal, setRefusal] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const submit = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const fields = new FormData(event.currentTarget);
    setBusy(true);
    const said = await send(route, body(fields));
    setRefusal(said);
    setBusy(false);
    if (said === null) onDone();
  };
  return (
    <form className={styles['form']} onSubmit={(event) => void submit(event)}>
      {children}
      {refusal === null ? null : (
        <p className={styles['refusal']} role="alert">
          {refusal}
        </p>
      )}
      <Button type="submit" loading={busy} fullWidth size="md">
        {button}
      </Button>
    </form>
  );
}

/** Null when the server accepted, else its message. */
async function send(route: string, body: object): Promise<string | null> {
  try {
    const response = await fetch(route, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    if (response.ok) return null;
    const answer = (await response.json()) as Partial<ErrorBody>;
    const wait = Number(response.headers.get('retry-after') ?? 0);
    const message = answer.error?.message ?? `The server answered ${response.status}.`;
    return wait > 0 ? `${message} (${wait} seconds)` : message;
  } catch {
    return 'The server did not answer. Is it running?';
  }
}
