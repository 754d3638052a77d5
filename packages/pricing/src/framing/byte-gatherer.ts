/**
 * Gathers small chunks of bytes before they are decoded. A stream of a model comes in hundreds of chunks of a
 * few hundred bytes, and decoding each costs more than all else that is done with it.
 */
const BLOCK = 4096;

export class ByteGatherer {
  readonly #onText: (text: string) => void;
  readonly #decoder = new TextDecoder();
  #block: Uint8Array | null = null;
  #filled = 0;

  constructor(onText: (text: string) => void) {
    this.#onText = onText;
  }

  /** True while no bytes wait. */
  get empty(): boolean {
    return this.#filled === 0;
  }

  /** The bytes are copied or decoded at once: the caller may use the chunk again. */
  push(chunk: Uint8Array): void {
    const large = chunk.length > BLOCK / 2;
    if (large || this.#filled + chunk.length > BLOCK) this.flush();
    if (large) {
      this.#onText(this.#decoder.decode(chunk, { stream: true }));
      return;
    }
    this.#block ??= new Uint8Array(BLOCK);
    this.#block.set(chunk, this.#filled);
    this.#filled += chunk.length;
  }

  /** Decodes what waits; a character cut in the middle goes on waiting. */
  flush(): void {
    if (this.#block === null || this.#filled === 0) return;
    const bytes = this.#block.subarray(0, this.#filled);
    this.#filled = 0;
    this.#onText(this.#decoder.decode(bytes, { stream: true }));
  }

  /** Decodes the rest. */
  end(): void {
    this.flush();
    this.#onText(this.#decoder.decode());
  }
}
