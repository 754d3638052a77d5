/** The end of an answer, which waits for its event to be durable: few bytes as a rule, and never many. */

/** Longest end of a stream that waits; a longer one passes and only the very end waits. */
const LONGEST_BYTES = 32 * 1024 * 1024;
/** Held without asking for room. */
const FREE_BYTES = 256 * 1024;
/** Room is taken in steps of this size. */
const STEP_BYTES = 1024 * 1024;

export class HeldEnd {
  readonly #takeRoom: (bytes: number) => boolean;
  #room = FREE_BYTES;
  #chunks: Buffer[] = [];
  #bytes = 0;

  /** @param takeRoom asks for memory for the rest of the call; returns false if there is none */
  constructor(takeRoom: (bytes: number) => boolean) {
    this.#takeRoom = takeRoom;
  }

  /** Holds a chunk. False where what is held should go out now: it is too long, or there is no room for more. */
  push(chunk: Buffer): boolean {
    this.#chunks.push(chunk);
    this.#bytes += chunk.length;
    if (this.#bytes > LONGEST_BYTES) return false;
    while (this.#bytes > this.#room) {
      if (!this.#takeRoom(STEP_BYTES)) return false;
      this.#room += STEP_BYTES;
    }
    return true;
  }

  /** The held bytes, to be written now; null if there are none. */
  take(): Buffer | null {
    const chunks = this.#chunks;
    if (chunks.length === 0) return null;
    this.#chunks = [];
    this.#bytes = 0;
    return chunks.length === 1 ? (chunks[0] ?? null) : Buffer.concat(chunks);
  }
}
