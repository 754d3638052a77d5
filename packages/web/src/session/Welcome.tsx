/** Where an invitation or a link for a new password leads: its token stands behind the `#`, which no server sees. */
import { PasswordInput } from '@mantine/core';
import { useState } from 'react';
import { PasswordForm } from './PasswordForm.tsx';

const SHORTEST = 12;

export function Welcome() {
  const [token] = useState(() => window.location.hash.slice(1));
  return (
    <main className="sign-in">
      <header className="sign-in-head">
        <img src="/favicon.svg" alt="" width={40} height={40} />
        <h1>Welcome to Farthing</h1>
      </header>
      {token === '' ? (
        <p>This page needs the whole link that you were given; a part of it is missing.</p>
      ) : (
        <section className="card" aria-label="Your password">
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
        </section>
      )}
    </main>
  );
}
