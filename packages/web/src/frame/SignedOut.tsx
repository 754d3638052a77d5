/** What somebody without a session sees: how to get one. */
import { Snippet } from './Snippet.tsx';

export function SignedOut() {
  return (
    <div className="page" style={{ maxWidth: 560, paddingTop: '12vh' }}>
      <img src="/favicon.svg" alt="" width={40} height={40} />
      <h1>Sign in to Farthing</h1>
      <p>
        The dashboard opens with a one-time link. The server prints one when it starts; make another in the
        folder in which it runs:
      </p>
      <Snippet text="npm run -s farthing -- login" label="Command that prints a sign-in link" />
      <p className="panel-note">
        A link works once and for fifteen minutes. Your API keys are not asked for here.
      </p>
    </div>
  );
}
