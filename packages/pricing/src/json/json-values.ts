/**
 * Large JSON as it arrives: one value, several on lines of their own, or the elements of a list. Each is handed on as
 * its outline; none is held whole.
 */
import { JsonOutline } from './json-outline.ts';

const NEWLINE = 0x0a;

export class JsonValues {
  readonly #onValue: (text: string, cut: boolean) => boolean;
  /** One for all values. */
  readonly #outline = new JsonOutline();
  /** A value has begun. */
  #inside = false;
  /** The root is a list: its elements are the values. */
  #inList = false;
  #begun = false;
  /** A value was read to its end: from here on each value is on a line of its own. */
  #inLines = false;
  /** Skips what cannot be read: the rest of the line, or everything left. */
  #skipping: 'line' | 'all' | null = null;

  /**
   * @param onValue called with each value: its outline as JSON text, and whether objects were left out of it. Returns
   *   false to stop.
   */
  constructor(onValue: (text: string, cut: boolean) => boolean) {
    this.#onValue = onValue;
  }

  /** True where the values are the elements of one list. */
  get isList(): boolean {
    return this.#inList;
  }

  push(bytes: Uint8Array): void {
    let at = 0;
    while (at < bytes.length && this.#skipping !== 'all') {
      if (this.#skipping === 'line') at = this.#pastLine(bytes, at);
      else if (this.#inside) at = this.#value(bytes, at);
      else at = this.#between(bytes, at);
    }
  }

  /** Hands on what ends with the bytes. */
  end(): void {
    if (this.#inside) this.#hand();
    this.#inside = false;
  }

  #between(bytes: Uint8Array, from: number): number {
    let at = from;
    let byte = bytes[at] ?? 0;
    while (byte <= 0x20 || (this.#inList && byte === 0x2c)) {
      at += 1;
      if (at === bytes.length) return at;
      byte = bytes[at] ?? 0;
    }
    if (!this.#begun && byte === 0x5b) {
      this.#inList = true;
      this.#begun = true;
      return at + 1;
    }
    this.#begun = true;
    if (this.#inList && byte === 0x5d) {
      this.#skipping = 'all';
      return at + 1;
    }
    this.#outline.reset();
    this.#inside = true;
    return at;
  }

  #value(bytes: Uint8Array, from: number): number {
    const outline = this.#outline;
    // A value on a line of its own ends with the line, also where it is torn.
    const newline = this.#inLines ? bytes.indexOf(NEWLINE, from) : -1;
    const at = outline.push(newline === -1 ? bytes : bytes.subarray(0, newline), from);
    if (outline.broken) this.#skipping = this.#inList ? 'all' : 'line';
    if (!outline.whole && !outline.broken && newline === -1) return at;
    this.#inside = false;
    this.#inLines = !this.#inList;
    this.#hand();
    return at;
  }

  #hand(): void {
    const text = this.#outline.text();
    if (text !== null && !this.#onValue(text, this.#outline.cut)) this.#skipping = 'all';
  }

  #pastLine(bytes: Uint8Array, from: number): number {
    const newline = bytes.indexOf(NEWLINE, from);
    if (newline === -1) return bytes.length;
    this.#skipping = null;
    return newline + 1;
  }
}
