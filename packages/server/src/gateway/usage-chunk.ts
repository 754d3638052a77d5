/**
 * Takes the extra usage chunk out of an OpenAI stream again, where the gateway had asked for it and the caller
 * had not. Every other byte passes unchanged; whole events pass at once, only a torn one waits for its end.
 */

/** Longest event that is held while its end is awaited; beyond it bytes pass unexamined. */
const MAX_EVENT_BYTES = 1_048_576;

export class UsageChunkFilter {
  #pending: Buffer = EMPTY;
  /** Bytes of `#pending` in which no event ends. */
  #scanned = 0;

  /** Returns what may pass now. */
  push(chunk: Buffer): Buffer {
    const data = this.#pending.length === 0 ? chunk : Buffer.concat([this.#pending, chunk]);
    const passed: Buffer[] = [];
    let from = 0;
    /** Where the bytes begin that may pass and were not taken yet. */
    let kept = 0;
    let to = eventEnd(data, Math.max(0, this.#scanned - 2));
    for (; to !== -1; to = eventEnd(data, from)) {
      if (isUsageChunk(data.subarray(from, to))) {
        if (from > kept) passed.push(data.subarray(kept, from));
        kept = to;
      }
      from = to;
    }
    if (from > kept) passed.push(data.subarray(kept, from));
    this.#pending = data.subarray(from);
    this.#scanned = this.#pending.length;
    if (this.#pending.length > MAX_EVENT_BYTES) passed.push(this.end());
    return passed.length === 1 ? (passed[0] ?? EMPTY) : Buffer.concat(passed);
  }

  /** What is left when the stream is over: a torn last event passes as it is. */
  end(): Buffer {
    const rest = this.#pending;
    this.#pending = EMPTY;
    this.#scanned = 0;
    return isUsageChunk(rest) ? EMPTY : rest;
  }
}

const EMPTY = Buffer.alloc(0);
const NEWLINE = 0x0a;
const RETURN = 0x0d;

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
