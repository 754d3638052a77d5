/** Takes the usage chunk out of a chat stream again where we, not the caller, asked for it. */

const NEWLINE = 10;
const RETURN = 13;

/** Passes a stream on frame by frame, without the one frame that carries only usage. */
export class UsageChunkFilter {
  readonly #decoder = new TextDecoder();
  #pending: Uint8Array = new Uint8Array(0);

  /** What may go on to the client now. */
  push(chunk: Uint8Array): Uint8Array {
    const bytes = join(this.#pending, chunk);
    const kept: Uint8Array[] = [];
    let start = 0;
    for (let end = frameEnd(bytes, start); end !== -1; end = frameEnd(bytes, start)) {
      const frame = bytes.subarray(start, end);
      if (!this.#isUsageOnly(frame)) kept.push(frame);
      start = end;
    }
    this.#pending = bytes.subarray(start);
    return kept.reduce(join, new Uint8Array(0));
  }

  /** The unfinished rest, at the end of the stream or where it broke. */
  rest(): Uint8Array {
    const rest = this.#pending;
    this.#pending = new Uint8Array(0);
    return rest;
  }

  #isUsageOnly(frame: Uint8Array): boolean {
    if (frame.length > 8192) return false;
    const text = this.#decoder.decode(frame);
    if (!/"choices"\s*:\s*\[\s*\]/.test(text) || !/"usage"\s*:\s*\{/.test(text)) return false;
    const data = /^data:(.*)$/m.exec(text)?.[1] ?? '';
    try {
      const event: { readonly choices?: unknown; readonly usage?: unknown } = JSON.parse(data);
      return Array.isArray(event.choices) && event.choices.length === 0 && typeof event.usage === 'object';
    } catch {
      return false;
    }
  }
}

/** Position behind the next empty line, or -1. */
function frameEnd(bytes: Uint8Array, from: number): number {
  for (let at = bytes.indexOf(NEWLINE, from); at !== -1; at = bytes.indexOf(NEWLINE, at + 1)) {
    const next = bytes[at + 1] === RETURN ? at + 2 : at + 1;
    if (bytes[next] === NEWLINE) return next + 1;
  }
  return -1;
}

function join(first: Uint8Array, second: Uint8Array): Uint8Array {
  if (first.length === 0) return second;
  if (second.length === 0) return first;
  const both = new Uint8Array(first.length + second.length);
  both.set(first);
  both.set(second, first.length);
  return both;
}
