/** The page for users without a session: how to get one. */
import { PasswordInput, TextInput } from '@mantine/core';
import { Card } from '../elements/Card.tsx';
import { Note } from '../elements/Note.tsx';
import { Snippet } from '../elements/Snippet.tsx';
import { EntryPage } from './EntryPage.tsx';
import { PasswordForm } from './PasswordForm.tsx';
import styles from './SignedOut.module.css';

export function SignedOut() {
  return (
    <EntryPage heading="Sign in to Farthing">
      <Card label="With your account" padding="large">
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
      </Card>
      <section className={styles['link']} aria-label="With a link">
        <h2>No account? Use a one-time link</h2>
        <p>The server prints one when it starts. Make another in the folder in which it runs:</p>
        <Snippet text="npm run -s farthing -- login" label="Command that prints a sign-in link" />
        <Note>It works once and for fifteen minutes. Your API keys are not asked for here.</Note>
      </section>
    </EntryPage>
  );
}
