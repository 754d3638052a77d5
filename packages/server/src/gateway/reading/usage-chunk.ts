/**
 * Takes the extra usage chunk out of an OpenAI stream again, where the gateway had asked for it and the caller
 * had not. Every other byte passes unchanged; whole events pass at once, only a torn one waits for its end.
 */

/** Longest event that is held while its end is awaited; beyond it bytes pass unexamined. The usage chunk is far shorter. */
const MAX_EVENT_BYTES = 65_536;

export class UsageChunkFilter {
  /** The event that has not ended yet, in the pieces in which it came: joined once, when it ends. */
  #pending: Buffer[] = [];
  #pendingBytes = 0;
  /** The last bytes of it, in which its end may have begun. */
  #tail: Buffer = EMPTY;

  /** Returns what may pass now. */
  push(chunk: Buffer): Buffer {
    const seam = this.#seamEnd(chunk);
    if (seam === -1 && eventEnd(chunk, 0) === -1) return this.#wait(chunk);
    this.#pending.push(chunk);
    const data = joined(this.#pending);
    // No event ended before the chunk began, but one may have begun to.
    const searched = Math.max(0, data.length - chunk.length - this.#tail.length);
    this.#let();
    return this.#sort(data, searched);
  }

  /** What is left when the stream is over: a torn last event passes as it is. */
  end(): Buffer {
    const rest = joined(this.#pending);
    this.#let();
    return isUsageChunk(rest) ? EMPTY : rest;
  }

  /** Lets whole events of `data` pass, but for the usage chunk, and keeps the torn one. */
  #sort(data: Buffer, searched: number): Buffer {
    const passed: Buffer[] = [];
    let from = 0;
    /** Where the bytes begin that may pass and were not taken yet. */
    let kept = 0;
    for (let to = eventEnd(data, searched); to !== -1; to = eventEnd(data, from)) {
      if (isUsageChunk(data.subarray(from, to))) {
        if (from > kept) passed.push(data.subarray(kept, from));
        kept = to;
      }
      from = to;
    }
    if (from > kept) passed.push(data.subarray(kept, from));
    passed.push(this.#wait(data.subarray(from)));
    return joined(passed);
  }

  /** Keeps the bytes of an event that has not ended; what is longer than one may be passes. */
  #wait(bytes: Buffer): Buffer {
    if (bytes.length === 0) return EMPTY;
    this.#pending.push(bytes);
    this.#pendingBytes += bytes.length;
    this.#tail = joined([this.#tail, bytes.subarray(-3)]).subarray(-3);
    if (this.#pendingBytes <= MAX_EVENT_BYTES) return EMPTY;
    return this.end();
  }

  /** -1 where no event ends across the border between what waits and this chunk. */
  #seamEnd(chunk: Buffer): number {
    return this.#tail.length === 0 ? -1 : eventEnd(joined([this.#tail, chunk.subarray(0, 3)]), 0);
  }

  #let(): void {
    this.#pending = [];
    this.#pendingBytes = 0;
    this.#tail = EMPTY;
  }
}

const EMPTY = Buffer.alloc(0);
const NEWLINE = 0x0a;
const RETURN = 0x0d;

function joined(pieces: readonly Buffer[]): Buffer {
  return pieces.length === 1 ? (pieces[0] ?? EMPTY) : Buffer.concat(pieces);
}

/** Index behind the first blank line at or after `from`; -1 where it has not arrived. */
function eventEnd(data: Buffer, from: number): number {
  for (let at = data.indexOf(NEWLINE, from); at !== -1; at = data.indexOf(NEWLINE, at + 1)) {
    const next = data[at + 1];
    if (next === NEWLINE) return at + 2;
    if (next === RETURN && data[at + 2] === NEWLINE) return at + 3;
  }
  return -1;
}

/** The extra chunk: no choices, usage an object (https://platform.openai.com/docs/api-reference/chat-streaming). */
function isUsageChunk(event: Buffer): boolean {
  if (event.length > MAX_EVENT_BYTES) return false;
  // Cheap first: ordinary chunks say `"usage":null` and have choices.
  if (!event.includes('"usage"') || !/"choices"\s*:\s*\[\s*\]/.test(event.toString('latin1'))) return false;
  const data = event
    .toString('utf8')
    .split(/\r?\n/)
    .filter((line) => line.startsWith('data:'));
  try {
    const parsed: unknown = JSON.parse(data.map((line) => line.slice(5)).join('\n'));
    return (
      typeof parsed === 'object' &&
      parsed !== null &&
      'usage' in parsed &&
      typeof parsed.usage === 'object' &&
      parsed.usage !== null
    );
  } catch {
    return false;
  }
}
