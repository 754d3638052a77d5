/**
 * Finds the event that ends a stream for the caller's SDK (`[DONE]`, `message_stop`, `response.completed`), so that
 * the call is durable before the caller can know that it is complete. Inside JSON a line break is always escaped,
 * so these lines cannot occur within generated text.
 */

const MARKS = [
  'data: [DONE]',
  'data:[DONE]',
  'event: message_stop',
  'event: response.completed',
  'event: response.incomplete',
  'event: response.failed',
].map((mark) => Buffer.from(`\n${mark}`));

const LONGEST = Math.max(...MARKS.map((mark) => mark.length));

export class StreamEndFinder {
  /** The end of what was seen, for a mark torn by the network; begins as a line break: the first line counts. */
  #tail: Buffer = Buffer.from('\n');
  #found = false;

  /** True once the ending event was seen, in this chunk or an earlier one. */
  push(chunk: Buffer): boolean {
    if (this.#found) return true;
    const seam = Buffer.concat([this.#tail, chunk.subarray(0, LONGEST)]);
    this.#found = MARKS.some((mark) => seam.includes(mark) || chunk.includes(mark));
    this.#tail =
      chunk.length >= LONGEST
        ? chunk.subarray(chunk.length - LONGEST)
        : seam.subarray(Math.max(0, seam.length - LONGEST));
    return this.#found;
  }
}
