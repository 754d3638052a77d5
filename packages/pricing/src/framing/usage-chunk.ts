/**
 * Removes the extra usage chunk from an OpenAI stream, if we had asked for it and the caller had not. Every other
 * byte passes unchanged. Whole events pass at once; only an incomplete one waits for its end.
 */

import { CLOSE_ARRAY, isBlank, OPEN_ARRAY } from '../json/json-bytes.ts';

/** Longest event that is held while its end is awaited; beyond it bytes pass unexamined. The usage chunk is far shorter. */
const MAX_EVENT_BYTES = 65_536;

export class UsageChunkFilter {
  readonly #decoder = new TextDecoder(undefined, { ignoreBOM: true });
  /** The event that has not ended yet, in the pieces in which it came: joined once, when it ends. */
  #pending: Uint8Array[] = [];
  #pendingBytes = 0;
  /** Its last bytes, which may hold the beginning of its end. */
  #tail: Uint8Array = EMPTY;

  /** Returns the bytes that may pass now. They may share memory with the input: copy them if that is reused. */
  push(chunk: Uint8Array): Uint8Array {
    const seam = this.#seamEnd(chunk);
    if (seam === -1 && eventEnd(chunk, 0) === -1) return this.#wait(chunk);
    this.#pending.push(chunk);
    const data = joined(this.#pending);
    // No event ended before the chunk began, but one may have begun to.
    const searched = Math.max(0, data.length - chunk.length - this.#tail.length);
    this.#let();
    return this.#sort(data, searched);
  }

  /** The rest when the stream is over: an incomplete last event passes unchanged. */
  end(): Uint8Array {
    const rest = joined(this.#pending);
    this.#let();
    return this.#isUsageChunk(rest) ? EMPTY : rest;
  }

  /** Lets whole events of `data` pass, but for the usage chunk, and keeps the torn one. */
  #sort(data: Uint8Array, searched: number): Uint8Array {
    const passed: Uint8Array[] = [];
    let from = 0;
    /** The start of the bytes that may pass and were not taken yet. */
    let kept = 0;
    for (let to = eventEnd(data, searched); to !== -1; to = eventEnd(data, from)) {
      if (this.#isUsageChunk(data.subarray(from, to))) {
        if (from > kept) passed.push(data.subarray(kept, from));
        kept = to;
      }
      from = to;
    }
    if (from > kept) passed.push(data.subarray(kept, from));
    passed.push(this.#wait(data.subarray(from)));
    return joined(passed);
  }

  /** Keeps the bytes of an event that has not ended; an event beyond the longest length passes. */
  #wait(bytes: Uint8Array): Uint8Array {
    if (bytes.length === 0) return EMPTY;
    this.#pending.push(bytes);
    this.#pendingBytes += bytes.length;
    this.#tail = joined([this.#tail, bytes.subarray(-3)]).subarray(-3);
    if (this.#pendingBytes <= MAX_EVENT_BYTES) return EMPTY;
    return this.end();
  }

  /** -1 where no event ends across the border between what waits and this chunk. */
  #seamEnd(chunk: Uint8Array): number {
    return this.#tail.length === 0 ? -1 : eventEnd(joined([this.#tail, chunk.subarray(0, 3)]), 0);
  }

  #let(): void {
    this.#pending = [];
    this.#pendingBytes = 0;
    this.#tail = EMPTY;
  }

  /** The extra chunk: no choices, usage an object (https://platform.openai.com/docs/api-reference/chat-streaming). */
  #isUsageChunk(event: Uint8Array): boolean {
    // Cheap first: ordinary chunks have choices, and most have no empty list at all. They all say `"usage":null`.
    if (event.length > MAX_EVENT_BYTES || !hasEmptyList(event)) return false;
    const text = this.#decoder.decode(event);
    if (!text.includes('"usage"') || !/"choices"\s*:\s*\[\s*\]/.test(text)) return false;
    const data = text.split(/\r?\n/).filter((line) => line.startsWith('data:'));
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
}

const EMPTY = new Uint8Array(0);
const NEWLINE = 0x0a;
const RETURN = 0x0d;

function joined(pieces: readonly Uint8Array[]): Uint8Array {
  const [only] = pieces;
  if (pieces.length === 1 && only !== undefined) return only;
  const bytes = new Uint8Array(pieces.reduce((length, piece) => length + piece.length, 0));
  let at = 0;
  for (const piece of pieces) {
    bytes.set(piece, at);
    at += piece.length;
  }
  return bytes;
}

/** Index behind the first blank line at or after `from`; -1 where it has not arrived. */
function eventEnd(data: Uint8Array, from: number): number {
  for (let at = data.indexOf(NEWLINE, from); at !== -1; at = data.indexOf(NEWLINE, at + 1)) {
    const next = data[at + 1];
    if (next === NEWLINE) return at + 2;
    if (next === RETURN && data[at + 2] === NEWLINE) return at + 3;
  }
  return -1;
}

/** True for brackets with only blanks between them. */
function hasEmptyList(data: Uint8Array): boolean {
  for (let close = data.indexOf(CLOSE_ARRAY); close !== -1; close = data.indexOf(CLOSE_ARRAY, close + 1)) {
    let at = close - 1;
    while (isBlank(data[at] ?? 0)) at -= 1;
    if (data[at] === OPEN_ARRAY) return true;
  }
  return false;
}
