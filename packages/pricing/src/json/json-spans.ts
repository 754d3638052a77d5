/**
 * The positions in the bytes of a JSON array's elements, or an object's members: found without building
 * anything, so that each can be judged by its size before it is parsed, read by itself, or rewritten in its place.
 */
import {
  BACKSLASH,
  CLOSE_ARRAY,
  CLOSE_OBJECT,
  COLON,
  COMMA,
  isBlank,
  OPEN_ARRAY,
  OPEN_OBJECT,
  QUOTE,
} from './json-bytes.ts';

/** One element or member. */
export interface ValueSpan {
  /** Index of the opening quote of a member's key; -1 for an element. */
  readonly keyFrom: number;
  /** Index behind the key's closing quote. */
  readonly keyTo: number;
  /** Index of the value's first byte. */
  readonly from: number;
  /** Index behind its last. */
  readonly to: number;
  /** Values in it, itself included, give or take one for each empty list or object. */
  readonly values: number;
  /** Nesting of lists and objects in it; 0 for a text or a number. */
  readonly depth: number;
}

/** The name of a member, unescaped; null for an element and for an invalid key. */
export function keyOf(bytes: Uint8Array, { keyFrom, keyTo }: ValueSpan): string | null {
  if (keyFrom === -1) return null;
  try {
    const key: unknown = JSON.parse(new TextDecoder().decode(bytes.subarray(keyFrom, keyTo)));
    return typeof key === 'string' ? key : null;
  } catch {
    return null;
  }
}

/** What may come next below the root, or what is being read. */
const ROOT = 0;
const FIRST = 1;
const NEXT = 2;
const BEFORE_COLON = 3;
const VALUE = 4;
const BEHIND_VALUE = 5;
const IN_KEY = 6;
const IN_TEXT = 7;
const IN_SCALAR = 8;
const IN_TREE = 9;
const IN_TREE_TEXT = 10;
const WHOLE = 11;
const BROKEN = 12;

/**
 * Reads the array or object that begins at `from`, in steps, so that others get their turn between two of them.
 * Below its own level only brackets are counted: parsing a value shows whether it is valid.
 *
 * @example
 * const spans = new JsonSpans(bytes, 0, (span) => found.push(span));
 * while (!spans.step(524_288)) await new Promise(setImmediate);
 * if (!spans.whole) throw new Error('no JSON array or object');
 */
export class JsonSpans {
  readonly #bytes: Uint8Array;
  readonly #onSpan: (span: ValueSpan) => void;
  #at: number;
  #state = ROOT;
  #isArray = false;
  #escaped = false;
  #open = 0;
  #keyFrom = -1;
  #keyTo = -1;
  #from = 0;
  #values = 0;
  #depth = 0;

  constructor(bytes: Uint8Array, from: number, onSpan: (span: ValueSpan) => void) {
    this.#bytes = bytes;
    this.#at = from;
    this.#onSpan = onSpan;
  }

  /** True once the closing bracket was read; `end` is the index behind it. */
  get whole(): boolean {
    return this.#state === WHOLE;
  }

  get end(): number {
    return this.#at;
  }

  /** Reads about `most` bytes on; true when there is nothing more to read, whole or not. */
  step(most: number): boolean {
    const limit = Math.min(this.#bytes.length, this.#at + most);
    while (this.#at < limit && this.#state < WHOLE) this.#read(limit);
    return this.#state >= WHOLE || this.#at >= this.#bytes.length;
  }

  #read(limit: number): void {
    switch (this.#state) {
      case IN_TREE:
        this.#tree(limit);
        break;
      case IN_TREE_TEXT:
        if (this.#textEnds(limit)) this.#state = IN_TREE;
        break;
      case IN_TEXT:
        if (this.#textEnds(limit)) this.#found();
        break;
      case IN_KEY:
        if (this.#textEnds(limit)) {
          this.#keyTo = this.#at;
          this.#state = BEFORE_COLON;
        }
        break;
      case IN_SCALAR:
        this.#scalar(limit);
        break;
      default:
        this.#structure();
    }
  }

  /** Between the tokens of the root's own level. */
  #structure(): void {
    const byte = this.#bytes[this.#at] ?? 0;
    this.#at += 1;
    if (isBlank(byte)) return;
    switch (this.#state) {
      case ROOT:
        this.#isArray = byte === OPEN_ARRAY;
        this.#state = this.#isArray || byte === OPEN_OBJECT ? FIRST : BROKEN;
        break;
      case FIRST:
        if (byte === (this.#isArray ? 0x5d : 0x7d)) this.#state = WHOLE;
        else this.#next(byte);
        break;
      case NEXT:
        this.#next(byte);
        break;
      case BEFORE_COLON:
        this.#state = byte === COLON ? VALUE : BROKEN;
        break;
      case VALUE:
        this.#value(byte);
        break;
      default:
        if (byte === COMMA) this.#state = NEXT;
        else this.#state = byte === (this.#isArray ? 0x5d : 0x7d) ? WHOLE : BROKEN;
    }
  }

  #next(byte: number): void {
    if (this.#isArray) this.#value(byte);
    else {
      this.#state = byte === QUOTE ? IN_KEY : BROKEN;
      this.#keyFrom = this.#at - 1;
    }
  }

  #value(byte: number): void {
    this.#from = this.#at - 1;
    this.#values = 1;
    this.#depth = 0;
    if (byte === QUOTE) this.#state = IN_TEXT;
    else if (byte === OPEN_OBJECT || byte === OPEN_ARRAY) {
      this.#state = IN_TREE;
      this.#open = 1;
      this.#depth = 1;
    } else if (byte === COMMA || byte === COLON || byte === CLOSE_ARRAY || byte === CLOSE_OBJECT)
      this.#state = BROKEN;
    else this.#state = IN_SCALAR;
  }

  #found(): void {
    this.#state = BEHIND_VALUE;
    this.#onSpan({
      keyFrom: this.#keyFrom,
      keyTo: this.#keyTo,
      from: this.#from,
      to: this.#at,
      values: this.#values,
      depth: this.#depth,
    });
  }

  /** True where the text that is being read ends before `limit`. */
  #textEnds(limit: number): boolean {
    const bytes = this.#bytes;
    let at = this.#escaped ? this.#at + 1 : this.#at;
    this.#escaped = false;
    while (at < limit) {
      const byte = bytes[at];
      if (byte === QUOTE) {
        this.#at = at + 1;
        return true;
      }
      at += byte === BACKSLASH ? 2 : 1;
    }
    this.#escaped = at > limit;
    this.#at = limit;
    return false;
  }

  #scalar(limit: number): void {
    const bytes = this.#bytes;
    let at = this.#at;
    for (; at < limit; at++) {
      const byte = bytes[at] ?? 0;
      if (byte === COMMA || byte === CLOSE_ARRAY || byte === CLOSE_OBJECT || byte <= 0x20) break;
    }
    this.#at = at;
    if (at < limit) this.#found();
  }

  /** Inside a list or an object of the root: brackets and commas are counted, texts passed over. */
  #tree(limit: number): void {
    const bytes = this.#bytes;
    let open = this.#open;
    let values = this.#values;
    let at = this.#at;
    let over = false;
    while (at < limit && !over) {
      const byte = bytes[at] ?? 0;
      at += 1;
      if (byte === QUOTE) {
        // Texts are mostly short: the usual one is read here.
        while (at < limit && bytes[at] !== QUOTE) at += bytes[at] === BACKSLASH ? 2 : 1;
        if (at < limit) at += 1;
        else {
          this.#state = IN_TREE_TEXT;
          this.#escaped = at > limit;
          at = limit;
        }
      } else if (byte === COMMA) values += 1;
      else if (byte === OPEN_OBJECT || byte === OPEN_ARRAY) {
        open += 1;
        values += 1;
        if (open > this.#depth) this.#depth = open;
      } else if (byte === CLOSE_OBJECT || byte === CLOSE_ARRAY) {
        open -= 1;
        over = open === 0;
      }
    }
    this.#open = open;
    this.#values = values;
    this.#at = at;
    if (over) this.#found();
  }
}
