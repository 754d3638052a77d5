/** Where an invitation or a link for a new password leads: its token is behind the `#`, which no server sees. */
import { PasswordInput } from '@mantine/core';
import { useState } from 'react';
import { Card } from '../elements/Card.tsx';
import { EntryPage } from './EntryPage.tsx';
import { PasswordForm } from './PasswordForm.tsx';

const SHORTEST = 12;

export function Welcome() {
  const [token] = useState(() => window.location.hash.slice(1));
  return (
    <EntryPage heading="Welcome to Farthing">
      {token === '' ? (
        <p>This page needs the whole link that you were given; a part of it is missing.</p>
      ) : (
        <Card label="Your password" padding="large">
          <PasswordForm
            route="/api/login/link"
            button="Go on"
            body={(fields) => ({ token, password: fields.get('password') })}
            onDone={() => window.location.replace('/')}
          >
            <p>
              Choose a password of at least {SHORTEST} characters; a few words make a good one. If your
              address has an account here already, enter its password.
            </p>
            <PasswordInput
              name="password"
              label="Password"
              autoComplete="new-password"
              required
              withAsterisk={false}
              size="md"
            />
          </PasswordForm>
        </Card>
      )}
    </EntryPage>
  );
}
