/** Shares the one thread: callers take turns, with one slice of work per turn of the event loop. */
export class Turns {
  readonly #askers = new Map<string, (() => void)[]>();
  #scheduled = false;

  /** Resolves when `asker` may do its next slice; a slice should take a few milliseconds. */
  next(asker: string): Promise<void> {
    return new Promise((resolve) => {
      const waiting = this.#askers.get(asker);
      if (waiting === undefined) this.#askers.set(asker, [resolve]);
      else waiting.push(resolve);
      this.#schedule();
    });
  }

  #schedule(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    setImmediate(() => {
      this.#scheduled = false;
      const [first] = this.#askers;
      if (first === undefined) return;
      const [asker, waiting] = first;
      this.#askers.delete(asker);
      const go = waiting.shift();
      if (waiting.length > 0) this.#askers.set(asker, waiting);
      if (this.#askers.size > 0) this.#schedule();
      go?.();
    });
  }
}
