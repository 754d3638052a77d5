/** Turns the credential of a request into an identity, from memory where possible, also while Postgres is away. */
import type { Identity } from './api-key.ts';
import type { TenantStore } from './store.ts';

export interface AuthenticatorOptions {
  readonly store: Pick<TenantStore, 'findKey' | 'touchKeys'>;
  /** Unix milliseconds. */
  readonly now?: () => number;
  /** How long a key is believed without asking again. A key revoked by another process works this much longer. */
  readonly freshMs?: number;
  /** How long a key that was good is believed while the database does not answer. */
  readonly graceMs?: number;
  /** Most keys remembered, good and bad each. */
  readonly capacity?: number;
}

export interface Authenticator {
  /** Who bears this key; null when nobody does. Throws {@link KeysUnavailable} when the database is needed and away. */
  verify(raw: string): Promise<Identity | null>;
  /** Forgets a key at once, after it was revoked. */
  forget(keyId: string): void;
  /** Writes what is not yet noted about last use and stops. */
  close(): Promise<void>;
}
export declare function createAuthenticator(options: AuthenticatorOptions): Authenticator;
