/** The running calls, so that a stop loses none of their events. */

/** Running work that can be asked to end. */
export interface Ongoing {
  readonly over: Promise<unknown>;
  /** Stops work that no client waits for. */
  stopReading(): void;
}

export class UnderWay {
  readonly #calls = new Set<Ongoing>();

  get size(): number {
    return this.#calls.size;
  }

  add(call: Ongoing): void {
    this.#calls.add(call);
    const over = () => this.#calls.delete(call);
    call.over.then(over, over);
  }

  /** Resolves when every call is over. Calls whose client has left are cut short. */
  async finish(): Promise<void> {
    while (this.#calls.size > 0) {
      const calls = [...this.#calls];
      for (const call of calls) call.stopReading();
      await Promise.allSettled(calls.map((call) => call.over));
    }
  }
}
