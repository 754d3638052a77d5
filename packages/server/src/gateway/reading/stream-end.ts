/**
 * Finds the event that ends a stream for the caller's SDK (`[DONE]`, `message_stop`, `response.completed`), so that
 * the call is durable before the caller can know that it is complete. Inside JSON a line break is always escaped,
 * so these lines cannot occur within generated text.
 */

/** `running`: go on. `ending`: the last event has begun, it must wait. `ended`: it is whole. */
export type StreamPosition = 'running' | 'ending' | 'ended';

const LAST_EVENT =
  /\n(?:data: ?\[DONE\]|event: ?(?:message_stop|response\.(?:completed|incomplete|failed))(?=[\r\n]))/;
const ERROR_EVENT = /\n(?:event: ?error(?=[\r\n])|data: ?\{"error": ?\{)/;
const BLANK_LINE = /\n\r?\n/;

/** No mark is longer, so a torn one is always found. */
const TAIL_LENGTH = 40;

export class StreamEndFinder {
  /** The end of what was seen, for a mark torn by the network; begins as a line break: the first line counts. */
  #tail = '\n';
  #position: StreamPosition = 'running';
  #failed = false;

  /** True once the provider reported an error inside the stream. */
  get failed(): boolean {
    return this.#failed;
  }

  /** Where the stream stands after this chunk. */
  push(chunk: Buffer): StreamPosition {
    if (this.#position === 'ended') return 'ended';
    const text = this.#tail + chunk.toString('latin1');
    let last = 0;
    if (this.#position === 'running') {
      const found = LAST_EVENT.exec(text);
      this.#failed ||= ERROR_EVENT.test(text);
      if (found === null) {
        this.#tail = text.slice(-TAIL_LENGTH);
        return 'running';
      }
      this.#position = 'ending';
      last = found.index + 1;
    }
    if (BLANK_LINE.test(last === 0 ? text : text.slice(last))) {
      this.#position = 'ended';
      this.#tail = '';
    } else {
      // Short enough to hold nothing but a torn blank line behind the mark.
      this.#tail = text.slice(Math.max(last, text.length - 2));
    }
    return this.#position;
  }
}
