/** Skips a JSON value of any content. */
import { BACKSLASH, CLOSE_ARRAY, CLOSE_OBJECT, OPEN_ARRAY, OPEN_OBJECT, QUOTE } from './json-bytes.ts';

export class SkippedValue {
  /** Containers that are open. */
  #open = 0;
  #inText = false;
  /** The byte before this one was a backslash. */
  #escaped = false;
  #over = false;

  /** True once the value is whole. */
  get over(): boolean {
    return this.#over;
  }

  /** Begins behind the quote of a text. */
  beginText(): void {
    this.#begin(0, true);
  }

  /** Begins behind the bracket of a list or an object. */
  beginTree(): void {
    this.#begin(1, false);
  }

  /** Reads on from `from`; answers the index behind the last byte that belongs to the value. */
  push(bytes: Uint8Array, from: number): number {
    let at = from;
    while (at < bytes.length && !this.#over) {
      at = this.#inText ? this.#text(bytes, at) : this.#tree(bytes, at);
    }
    return at;
  }

  #begin(open: number, inText: boolean): void {
    this.#open = open;
    this.#inText = inText;
    this.#escaped = false;
    this.#over = false;
  }

  #text(bytes: Uint8Array, from: number): number {
    let at = from;
    if (this.#escaped) {
      this.#escaped = false;
      at += 1;
    }
    const { length } = bytes;
    while (at < length) {
      const byte = bytes[at];
      if (byte === QUOTE) {
        this.#inText = false;
        this.#over = this.#open === 0;
        return at + 1;
      }
      at += byte === BACKSLASH ? 2 : 1;
    }
    this.#escaped = at > length;
    return length;
  }

  #tree(bytes: Uint8Array, from: number): number {
    let open = this.#open;
    let at = from;
    const { length } = bytes;
    for (; at < length; at++) {
      const byte = bytes[at] ?? 0;
      if (byte === QUOTE) {
        this.#inText = true;
        this.#open = open;
        return at + 1;
      }
      if (byte === OPEN_OBJECT || byte === OPEN_ARRAY) open += 1;
      else if (byte === CLOSE_OBJECT || byte === CLOSE_ARRAY) {
        open -= 1;
        if (open === 0) {
          this.#over = true;
          return at + 1;
        }
      }
    }
    this.#open = open;
    return at;
  }
}
