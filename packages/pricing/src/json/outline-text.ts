/** The text that an outline keeps, byte by byte, within its limits. */
import { BACKSLASH, COLON, QUOTE } from './json-bytes.ts';

/** How much of a value an outline keeps. */
export interface OutlineLimits {
  /** Bytes of one text that are kept, where it has words. */
  readonly prose: number;
  /** Bytes of one text without a space or a letter beyond ASCII, such as base64. */
  readonly opaque: number;
  /** Bytes that are kept in all. */
  readonly bytes: number;
  /** Values that are kept in all. */
  readonly values: number;
  /** Numbers kept of one list: the first ones are enough to recognise a vector. */
  readonly numbers: number;
  /** Texts kept of one list: search queries are counted one by one. */
  readonly texts: number;
}

/** Enough to price an answer. Lists may take half of it, so that there is room for what follows them. */
export const ANSWER_LIMITS: OutlineLimits = {
  prose: 1_024,
  opaque: 1_024,
  bytes: 1_048_576,
  values: 20_000,
  numbers: 4,
  texts: 256,
};

const SPACE = 0x20;
const FIRST_BYTES = 4_096;
/** Bytes of two escapes, `\\ud83e\\udd86`. */
const LONGEST_CHARACTER = 12;
const DECODER = new TextDecoder();

export class OutlineText {
  readonly #limits: OutlineLimits;
  #bytes = new Uint8Array(FIRST_BYTES);
  #length = 0;
  readonly #key = new Uint8Array(256);
  #keyLength = 0;
  #textLength = 0;
  /** The text has a space or a letter beyond ASCII. */
  #hasWords = false;
  /** Bytes of the escape that is being read: 0 outside of one, 1 behind the backslash. */
  #escape = 0;
  /** The escape that is being read, or the last one, is `\u` of the first half of a surrogate pair. */
  #firstHalf = false;
  #isUnicode = false;
  #textFull = false;
  #shortened = false;

  constructor(limits: OutlineLimits) {
    this.#limits = limits;
  }

  /** Forgets everything. */
  reset(): void {
    this.#length = 0;
    this.#keyLength = 0;
    this.#escape = 0;
    this.#firstHalf = false;
    this.#textFull = false;
    this.#shortened = false;
  }

  /** Bytes kept so far. */
  get length(): number {
    return this.#length;
  }

  get shortened(): boolean {
    return this.#shortened;
  }

  /** True once the text that is being read has reached its limit: the rest of it is not kept. */
  get textFull(): boolean {
    return this.#textFull;
  }

  byte(byte: number): void {
    this.#reserve(1);
    this.#bytes[this.#length] = byte;
    this.#length += 1;
  }

  bytes(bytes: Uint8Array, from: number, to: number): void {
    this.#reserve(to - from);
    this.#bytes.set(bytes.subarray(from, to), this.#length);
    this.#length += to - from;
  }

  beginKey(): void {
    this.#keyLength = 0;
  }

  /** A piece of a key; together at most 256 bytes. */
  key(bytes: Uint8Array, from: number, to: number): void {
    this.#key.set(bytes.subarray(from, to), this.#keyLength);
    this.#keyLength += to - from;
  }

  /** Writes the key down: its value is kept. */
  endKey(): void {
    this.byte(QUOTE);
    this.bytes(this.#key, 0, this.#keyLength);
    this.byte(QUOTE);
    this.byte(COLON);
  }

  beginText(): void {
    this.byte(QUOTE);
    this.#textLength = 0;
    this.#hasWords = false;
    this.#escape = 0;
    this.#firstHalf = false;
    this.#textFull = false;
  }

  /** Keeps bytes of a text; answers the index of its closing quote, or of the first byte that is beyond the limit. */
  text(bytes: Uint8Array, from: number): number {
    let at = from;
    for (; at < bytes.length; at++) {
      const byte = bytes[at] ?? 0;
      if (this.#escape > 0) this.#inEscape(byte);
      else if (byte === QUOTE) break;
      else {
        if (this.#isFull(at - from) && this.#mayEndBefore(byte, at - from)) {
          this.#textFull = true;
          // Cutting base64 loses no words.
          this.#shortened ||= this.#hasWords || this.#textLength + at - from >= this.#limits.prose;
          break;
        }
        if (byte === BACKSLASH) this.#escape = 1;
        else {
          this.#firstHalf = false;
          if (byte === SPACE || byte >= 0x80) this.#hasWords = true;
        }
      }
    }
    this.bytes(bytes, from, at);
    this.#textLength += at - from;
    return at;
  }

  endText(): void {
    this.byte(QUOTE);
  }

  read(): string {
    return DECODER.decode(this.#bytes.subarray(0, this.#length));
  }

  /** Not in the middle of a character; but text of nothing else than halves must end somewhere. */
  #mayEndBefore(byte: number, more: number): boolean {
    if (this.#textLength + more > this.#limits.prose + LONGEST_CHARACTER) return true;
    return (byte & 0xc0) !== 0x80 && !this.#firstHalf;
  }

  #isFull(more: number): boolean {
    const length = this.#textLength + more;
    return length >= this.#limits.prose || (length >= this.#limits.opaque && !this.#hasWords);
  }

  #inEscape(byte: number): void {
    if (this.#escape === 1) {
      this.#isUnicode = byte === 0x75;
      this.#firstHalf = false;
      this.#escape = this.#isUnicode ? 2 : 0;
      // A line break in a text is a sign of words, too.
      if (byte === 0x6e) this.#hasWords = true;
      return;
    }
    // The first two digits of a first half are d8 to db.
    if (this.#escape === 2) this.#firstHalf = (byte | 0x20) === 0x64;
    if (this.#escape === 3) {
      const digit = byte | 0x20;
      this.#firstHalf &&= digit === 0x38 || digit === 0x39 || digit === 0x61 || digit === 0x62;
    }
    this.#escape = this.#escape === 5 ? 0 : this.#escape + 1;
  }

  #reserve(more: number): void {
    const needed = this.#length + more;
    if (needed <= this.#bytes.length) return;
    const grown = new Uint8Array(Math.max(needed, this.#bytes.length * 2));
    grown.set(this.#bytes.subarray(0, this.#length));
    this.#bytes = grown;
  }
}
