/** What somebody without a session sees: how to get one. */
import { PasswordInput, TextInput } from '@mantine/core';
import { Snippet } from '../elements/Snippet.tsx';
import { PasswordForm } from './PasswordForm.tsx';

export function SignedOut() {
  return (
    <main className="sign-in">
      <header className="sign-in-head">
        <img src="/favicon.svg" alt="" width={40} height={40} />
        <h1>Sign in to Farthing</h1>
      </header>
      <section className="card" aria-label="With your account">
        <PasswordForm
          route="/api/login"
          button="Sign in"
          body={(fields) => ({ email: fields.get('email'), password: fields.get('password') })}
          onDone={() => window.location.reload()}
        >
          <TextInput
            name="email"
            type="email"
            label="E-mail"
            autoComplete="username"
            required
            withAsterisk={false}
            size="md"
          />
          <PasswordInput
            name="password"
            label="Password"
            autoComplete="current-password"
            required
            withAsterisk={false}
            size="md"
          />
        </PasswordForm>
      </section>
      <section className="sign-in-link" aria-label="With a link">
        <h2>No account? Use a one-time link</h2>
        <p>The server prints one when it starts. Make another in the folder in which it runs:</p>
        <Snippet text="npm run -s farthing -- login" label="Command that prints a sign-in link" />
        <p className="panel-note">
          It works once and for fifteen minutes. Your API keys are not asked for here.
        </p>
      </section>
    </main>
  );
}
