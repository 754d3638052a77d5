/** The bytes of an answer that is JSON: one body, or events in a list or on lines. */

import { JsonValues } from '../json/json-values.ts';
import { isObject } from '../json/members.ts';
import { parseOrNull } from '../json/parse-json.ts';
import type { Json, JsonObject } from '../usage/usage.ts';
import type { EventSink } from './event-sink.ts';

/** Up to this size a document is held and parsed whole; of a longer one an outline is kept. */
const SMALL = 65_536;

export class JsonDocument {
  readonly #events: EventSink;
  #held: Uint8Array[] = [];
  #size = 0;
  #large: JsonValues | null = null;
  /** The first value of a large document, until it shows whether it is the only one. */
  #first: Json | undefined;
  #values = 0;

  constructor(events: EventSink) {
    this.#events = events;
  }

  /** The bytes are copied or read at once: the caller may use the chunk again. */
  push(bytes: Uint8Array): void {
    if (this.#large !== null) {
      this.#large.push(bytes);
      return;
    }
    this.#held.push(bytes.slice());
    this.#size += bytes.length;
    if (this.#size <= SMALL && this.#held.length < 4_096) return;
    this.#large = new JsonValues((text, cut) => this.#value(text, cut));
    for (const held of this.#held) this.#large.push(held);
    this.#held = [];
  }

  /** The body, where the document is one; null where its events went to the reader. */
  end(): JsonObject | null {
    return this.#large === null ? this.#endSmall() : this.#endLarge(this.#large);
  }

  #endSmall(): JsonObject | null {
    const text = new TextDecoder().decode(joined(this.#held, this.#size));
    const whole = parseOrNull(text);
    if (isObject(whole)) return this.#bodyOf(whole);
    if (Array.isArray(whole)) for (const event of whole as readonly Json[]) this.#events.event(event);
    else for (const line of text.split('\n')) this.#events.text(line);
    return null;
  }

  #endLarge(large: JsonValues): JsonObject | null {
    large.end();
    const first = this.#first;
    if (this.#values !== 1 || large.isList || !isObject(first)) {
      if (first !== undefined) this.#events.event(first);
      return null;
    }
    return this.#bodyOf(first);
  }

  #bodyOf(whole: JsonObject): JsonObject | null {
    if (!this.#events.isEvent(whole)) return whole;
    this.#events.event(whole);
    return null;
  }

  /** False once no event matters any more. */
  #value(text: string, cut: boolean): boolean {
    if (cut) this.#events.noteCut();
    this.#values += 1;
    if (this.#values === 1) {
      this.#first = parseOrNull(text);
      return true;
    }
    if (this.#first !== undefined) this.#events.event(this.#first);
    this.#first = undefined;
    this.#events.text(text);
    return !this.#events.lost;
  }
}

function joined(pieces: readonly Uint8Array[], length: number): Uint8Array {
  const [only] = pieces;
  if (pieces.length === 1 && only !== undefined) return only;
  const bytes = new Uint8Array(length);
  let at = 0;
  for (const piece of pieces) {
    bytes.set(piece, at);
    at += piece.length;
  }
  return bytes;
}
