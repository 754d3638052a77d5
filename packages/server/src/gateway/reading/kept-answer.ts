/** The beginning of an answer, kept in case its usage has to be estimated from what it says. */
import type { KeptAnswer } from '../../tokens/token-estimate.ts';

/** Most bytes kept of one answer: some thousand words as server-sent events. The rest is only counted. */
const MAX_KEPT_BYTES = 256 * 1024;
const FIRST_BYTES = 4 * 1024;

/** Collects without reading: most answers report their usage, and the kept part is then dropped unread. */
export class AnswerKeeper {
  /** A copy: a piece of a few bytes may be a view of a large block, which would stay with it. */
  #bytes = EMPTY;
  #kept = 0;
  #length = 0;

  push(chunk: Buffer): void {
    this.#length += chunk.length;
    const taken = Math.min(chunk.length, MAX_KEPT_BYTES - this.#kept);
    if (taken === 0) return;
    this.#reserve(this.#kept + taken);
    chunk.copy(this.#bytes, this.#kept, 0, taken);
    this.#kept += taken;
  }

  /** The kept part, as text. */
  read(): KeptAnswer {
    const share = this.#kept === 0 ? 1 : this.#length / this.#kept;
    return { text: this.#bytes.toString('utf8', 0, this.#kept), share };
  }

  #reserve(needed: number): void {
    if (needed <= this.#bytes.length) return;
    const size = Math.min(MAX_KEPT_BYTES, Math.max(needed, this.#bytes.length * 2, FIRST_BYTES));
    const grown = Buffer.allocUnsafe(size);
    this.#bytes.copy(grown, 0, 0, this.#kept);
    this.#bytes = grown;
  }
}

const EMPTY = Buffer.alloc(0);
