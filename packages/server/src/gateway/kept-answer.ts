/** The beginning of an answer, kept in case its usage has to be estimated from what it says. */
import type { KeptAnswer } from '../tokens/estimate.ts';

/** Most that is kept of one answer: some thousand words as server-sent events. What follows is measured only. */
const MAX_KEPT_BYTES = 256 * 1024;

/** Collects without reading: most answers report their usage, and what was kept is let go unread. */
export class AnswerKeeper {
  readonly #chunks: Buffer[] = [];
  #kept = 0;
  #bytes = 0;

  push(chunk: Buffer): void {
    this.#bytes += chunk.length;
    if (this.#kept >= MAX_KEPT_BYTES) return;
    const part = chunk.subarray(0, MAX_KEPT_BYTES - this.#kept);
    // A small piece of a large chunk must not keep the whole of it.
    this.#chunks.push(part.length === chunk.length ? chunk : Buffer.from(part));
    this.#kept += part.length;
  }

  /** What was kept, as text. */
  read(): KeptAnswer {
    const share = this.#kept === 0 ? 1 : this.#bytes / this.#kept;
    return { text: Buffer.concat(this.#chunks).toString('utf8'), share };
  }
}
