/** Retries operations that the disk refused, in the background, until none is left. */

const FIRST_MS = 100;
const LONGEST_MS = 5_000;

export interface CaretakerOptions {
  /** True while there is something to try again. */
  readonly needed: () => boolean;
  /** One round of retries. If it throws, it is tried again. */
  readonly round: () => Promise<void>;
}

export class Caretaker {
  readonly #options: CaretakerOptions;
  #timer: NodeJS.Timeout | null = null;
  #working: Promise<void> | null = null;
  #wait = FIRST_MS;
  #closed = false;

  constructor(options: CaretakerOptions) {
    this.#options = options;
  }

  /** Begins to try, in a moment; does nothing while it does so already. */
  wake(): void {
    if (this.#closed || this.#timer !== null || this.#working !== null || !this.#options.needed()) return;
    this.#timer = setTimeout(() => {
      this.#timer = null;
      this.#working = this.#try();
    }, this.#wait);
    this.#timer.unref();
  }

  async #try(): Promise<void> {
    await this.#options.round().catch(() => undefined);
    this.#working = null;
    this.#wait = this.#options.needed() ? Math.min(this.#wait * 2, LONGEST_MS) : FIRST_MS;
    this.wake();
  }

  /** Ends the retries after the current round. */
  async close(): Promise<void> {
    this.#closed = true;
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    await this.#working;
  }
}
