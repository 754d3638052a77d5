/**
 * Credentials in the place of a provider's key whose form we do not know. One may be a Farthing key that the operator
 * chose long ago. Credentials that turn out not to be ours are cached, so that the look-up is rare.
 */
import { hash } from 'node:crypto';

/** How long a credential is taken for a provider's without asking again, milliseconds. */
const REMEMBERED_MS = 600_000;
/** Most credentials remembered. */
const CAPACITY = 4_096;

export class ForeignCredentials {
  readonly #isOurs: (credential: string) => Promise<boolean>;
  readonly #now: () => number;
  /** By hash: until when it counts as foreign. */
  readonly #foreign = new Map<string, number>();

  constructor(isOurs: (credential: string) => Promise<boolean>, now: () => number) {
    this.#isOurs = isOurs;
    this.#now = now;
  }

  /**
   * False for a credential that is a key of ours. While the question cannot be answered a credential counts as foreign:
   * calls go on while the database is away, and keys of our form were refused before this.
   */
  async has(credential: string): Promise<boolean> {
    const digest = hash('sha256', credential, 'hex');
    const until = this.#foreign.get(digest);
    if (until !== undefined && until > this.#now()) return true;
    try {
      if (await this.#isOurs(credential)) return false;
    } catch {
      return true;
    }
    this.#foreign.delete(digest);
    if (this.#foreign.size >= CAPACITY) {
      const [oldest] = this.#foreign.keys();
      if (oldest !== undefined) this.#foreign.delete(oldest);
    }
    this.#foreign.set(digest, this.#now() + REMEMBERED_MS);
    return true;
  }
}
