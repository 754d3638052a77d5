/**
 * Reads JSON of any size as it arrives and keeps an outline of it: the same value with long texts cut, long lists of
 * numbers dropped to their first few and subtrees beyond the bounds left out. What providers report as usage is small
 * and stays whole; what makes a body large (vectors, images, generated text) is not needed to price it.
 *
 * Time is linear in the bytes, memory is bounded by the limits, whatever the bytes are.
 */
import { type OutlineLimits, OutlineText } from './outline-text.ts';

/** What is enough to price an answer. Lists may take half of it, so that what follows them has its place. */
export const ANSWER_LIMITS: OutlineLimits = {
  prose: 1_024,
  opaque: 1_024,
  bytes: 1_048_576,
  values: 20_000,
  numbers: 4,
  texts: 256,
};

/** Deepest nesting that is kept. */
const MAX_DEPTH = 64;
/** A longer key names nothing that is read: its member is left out. */
const MAX_KEY = 256;
/** A longer number is none that is read. */
const MAX_SCALAR = 400;

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const COLON = 0x3a;
const OPEN_OBJECT = 0x7b;
const OPEN_ARRAY = 0x5b;
const CLOSE_OBJECT = 0x7d;
const CLOSE_ARRAY = 0x5d;

/** What may come next, or what is being read. */
const VALUE = 0;
const FIRST_ELEMENT = 1;
const FIRST_KEY = 2;
const KEY = 3;
const BEFORE_COLON = 4;
const BEHIND_VALUE = 5;
const IN_KEY = 6;
const IN_TEXT = 7;
const IN_DROPPED_TEXT = 8;
const IN_SCALAR = 9;
const IN_DROPPED_SCALAR = 10;
const IN_DROPPED = 11;
const IN_DROPPED_INNER_TEXT = 12;
const WHOLE = 13;
const BROKEN = 14;

/**
 * Takes one JSON value, split anywhere.
 *
 * @example
 * const outline = new JsonOutline();
 * for (const chunk of chunks) outline.push(chunk);
 * const text = outline.text(); // JSON text within the limits; null where the bytes were no whole value
 */
export class JsonOutline {
  readonly #limits: OutlineLimits;
  readonly #kept: OutlineText;
  #state = VALUE;
  /** The byte before this one was a backslash. */
  #escaped = false;
  /** Containers that are open and kept. */
  #depth = 0;
  readonly #isArray = new Uint8Array(MAX_DEPTH + 1);
  /** Values kept in the container at a depth. */
  readonly #filled = new Uint32Array(MAX_DEPTH + 1);
  readonly #numbers = new Uint32Array(MAX_DEPTH + 1);
  readonly #texts = new Uint32Array(MAX_DEPTH + 1);
  /** Lists among the open containers. */
  #lists = 0;
  #values = 0;
  /** Containers open inside what is left out. */
  #dropped = 0;
  /** Length of the scalar, key or text that is being read. */
  #length = 0;
  #keyTooLong = false;
  #cut = false;
  #shortened = false;

  constructor(limits: OutlineLimits = ANSWER_LIMITS) {
    this.#limits = limits;
    this.#kept = new OutlineText(limits);
  }

  /** Begins with the next value: cheaper than a new outline where there are many small ones. */
  reset(): void {
    this.#kept.reset();
    this.#state = VALUE;
    this.#escaped = false;
    this.#depth = 0;
    this.#filled[0] = 0;
    this.#lists = 0;
    this.#values = 0;
    this.#dropped = 0;
    this.#length = 0;
    this.#keyTooLong = false;
    this.#cut = false;
    this.#shortened = false;
  }

  /** True once the value is whole: no further byte belongs to it. */
  get whole(): boolean {
    return this.#state === WHOLE;
  }

  /** True once the bytes can be no JSON. */
  get broken(): boolean {
    return this.#state === BROKEN;
  }

  /** True where an object, or a member of one, was left out for want of room: counts may be missing. */
  get cut(): boolean {
    return this.#cut;
  }

  /** True where a text or a list of texts or numbers was cut short: what was kept says less than it did. */
  get shortened(): boolean {
    return this.#shortened || this.#kept.shortened;
  }

  /** Reads on from `from`; answers the index behind the last byte that belongs to the value. */
  push(bytes: Uint8Array, from = 0): number {
    let at = from;
    while (at < bytes.length && this.#state < WHOLE) at = this.#step(bytes, at);
    return at;
  }

  /** The outline as JSON text; null while the value is not whole, or where it was broken. */
  text(): string | null {
    // A number at the root has no end of its own.
    if (this.#state === IN_SCALAR && this.#depth === 0) this.#behindValue();
    return this.whole ? this.#kept.read() : null;
  }

  #step(bytes: Uint8Array, at: number): number {
    switch (this.#state) {
      case IN_TEXT:
        return this.#text(bytes, at);
      case IN_DROPPED_TEXT:
        return this.#droppedText(bytes, at, BEHIND_VALUE);
      case IN_DROPPED_INNER_TEXT:
        return this.#droppedText(bytes, at, IN_DROPPED);
      case IN_DROPPED:
        return this.#droppedTree(bytes, at);
      case IN_SCALAR:
      case IN_DROPPED_SCALAR:
        return this.#scalar(bytes, at);
      case IN_KEY:
        return this.#key(bytes, at);
      default:
        return this.#structure(bytes, at);
    }
  }

  /** Between tokens. */
  #structure(bytes: Uint8Array, from: number): number {
    let at = from;
    let byte = bytes[at] ?? 0;
    while (isBlank(byte)) {
      at += 1;
      if (at === bytes.length) return at;
      byte = bytes[at] ?? 0;
    }
    switch (this.#state) {
      case VALUE:
        return this.#open(byte, at);
      case FIRST_ELEMENT:
        return byte === CLOSE_ARRAY ? this.#close(byte, at) : this.#open(byte, at);
      case FIRST_KEY:
        if (byte === CLOSE_OBJECT) return this.#close(byte, at);
        return this.#openKey(byte, at);
      case KEY:
        return this.#openKey(byte, at);
      case BEFORE_COLON:
        this.#state = byte === COLON ? VALUE : BROKEN;
        return at + 1;
      default:
        if (byte !== COMMA) return this.#close(byte, at);
        this.#state = this.#isArray[this.#depth] === 1 ? VALUE : KEY;
        return at + 1;
    }
  }

  #openKey(byte: number, at: number): number {
    this.#state = byte === QUOTE ? IN_KEY : BROKEN;
    this.#length = 0;
    this.#keyTooLong = false;
    this.#kept.beginKey();
    return at + 1;
  }

  /** A value begins. */
  #open(byte: number, at: number): number {
    if (byte === OPEN_OBJECT || byte === OPEN_ARRAY) {
      if (this.#hasRoom() && this.#depth < MAX_DEPTH) {
        this.#keepValue();
        this.#kept.byte(byte);
        this.#enter(byte === OPEN_ARRAY);
      } else {
        // A list within a list is a vector; anything else may hold counts.
        this.#cut ||= byte === OPEN_OBJECT || this.#isArray[this.#depth] !== 1;
        this.#dropped = 1;
        this.#state = IN_DROPPED;
      }
      return at + 1;
    }
    if (byte === QUOTE) {
      const kept = this.#keepsPlain(this.#texts, this.#limits.texts);
      this.#state = kept ? IN_TEXT : IN_DROPPED_TEXT;
      if (kept) {
        this.#keepValue();
        this.#kept.beginText();
      }
      return at + 1;
    }
    if (!isScalarByte(byte)) {
      this.#state = BROKEN;
      return at + 1;
    }
    this.#length = 0;
    const kept = this.#keepsPlain(this.#numbers, this.#limits.numbers);
    this.#state = kept ? IN_SCALAR : IN_DROPPED_SCALAR;
    if (kept) this.#keepValue();
    return at;
  }

  /** Whether a text or number is kept here, and counts it. */
  #keepsPlain(counts: Uint32Array, most: number): boolean {
    const depth = this.#depth;
    if (this.#isArray[depth] === 1) {
      const seen = counts[depth] ?? 0;
      const kept = seen < most && this.#hasRoom();
      counts[depth] = seen + 1;
      this.#shortened ||= !kept;
      return kept;
    }
    const kept = this.#hasRoom();
    this.#cut ||= !kept;
    return kept;
  }

  #hasRoom(): boolean {
    if (this.#keyTooLong) return false;
    const { bytes, values } = this.#limits;
    const share = this.#lists > 0 ? 2 : 1;
    return this.#kept.length < bytes / share && this.#values < values / share;
  }

  /** What stands before a kept value: a comma, and the key where there is one. */
  #keepValue(): void {
    const depth = this.#depth;
    const filled = this.#filled[depth] ?? 0;
    if (filled > 0) this.#kept.byte(COMMA);
    this.#filled[depth] = filled + 1;
    this.#values += 1;
    if (depth > 0 && this.#isArray[depth] === 0) this.#kept.endKey();
  }

  #enter(isArray: boolean): void {
    this.#depth += 1;
    const depth = this.#depth;
    this.#isArray[depth] = isArray ? 1 : 0;
    this.#filled[depth] = 0;
    this.#numbers[depth] = 0;
    this.#texts[depth] = 0;
    if (isArray) this.#lists += 1;
    this.#state = isArray ? FIRST_ELEMENT : FIRST_KEY;
  }

  #close(byte: number, at: number): number {
    const isArray = this.#isArray[this.#depth] === 1;
    if (byte !== (isArray ? CLOSE_ARRAY : CLOSE_OBJECT)) {
      this.#state = BROKEN;
      return at + 1;
    }
    this.#kept.byte(byte);
    if (isArray) this.#lists -= 1;
    this.#depth -= 1;
    this.#behindValue();
    return at + 1;
  }

  #behindValue(): void {
    this.#keyTooLong = false;
    this.#state = this.#depth === 0 ? WHOLE : BEHIND_VALUE;
  }

  #key(bytes: Uint8Array, from: number): number {
    let escaped = this.#escaped;
    let at = from;
    for (; at < bytes.length; at++) {
      const byte = bytes[at] ?? 0;
      if (escaped) escaped = false;
      else if (byte === BACKSLASH) escaped = true;
      else if (byte === QUOTE) break;
    }
    this.#escaped = escaped;
    this.#length += at - from;
    if (this.#length > MAX_KEY) this.#keyTooLong = true;
    else this.#kept.key(bytes, from, at);
    if (at === bytes.length) return at;
    if (this.#keyTooLong) this.#cut = true;
    this.#state = BEFORE_COLON;
    return at + 1;
  }

  #text(bytes: Uint8Array, from: number): number {
    const at = this.#kept.text(bytes, from);
    if (this.#kept.textFull) {
      this.#kept.endText();
      this.#state = IN_DROPPED_TEXT;
    } else if (at < bytes.length) {
      this.#kept.endText();
      this.#behindValue();
      return at + 1;
    }
    return at;
  }

  /** Passes over a text; `behind` is where it leads when it is over. */
  #droppedText(bytes: Uint8Array, from: number, behind: number): number {
    let at = from;
    if (this.#escaped) {
      this.#escaped = false;
      at += 1;
    }
    const { length } = bytes;
    while (at < length) {
      const byte = bytes[at];
      if (byte === QUOTE) {
        if (behind === BEHIND_VALUE) this.#behindValue();
        else this.#state = behind;
        return at + 1;
      }
      at += byte === BACKSLASH ? 2 : 1;
    }
    this.#escaped = at > length;
    return length;
  }

  /** Passes over a list or an object, whatever is in it. */
  #droppedTree(bytes: Uint8Array, from: number): number {
    let open = this.#dropped;
    let at = from;
    const { length } = bytes;
    for (; at < length; at++) {
      const byte = bytes[at] ?? 0;
      if (byte === QUOTE) {
        this.#state = IN_DROPPED_INNER_TEXT;
        this.#dropped = open;
        return at + 1;
      }
      if (byte === OPEN_OBJECT || byte === OPEN_ARRAY) open += 1;
      else if (byte === CLOSE_OBJECT || byte === CLOSE_ARRAY) {
        open -= 1;
        if (open === 0) {
          this.#behindValue();
          return at + 1;
        }
      }
    }
    this.#dropped = open;
    return at;
  }

  /** A number, `true`, `false` or `null`, up to what cannot be of it. */
  #scalar(bytes: Uint8Array, from: number): number {
    let at = from;
    while (at < bytes.length && isScalarByte(bytes[at] ?? 0)) at += 1;
    this.#length += at - from;
    if (this.#state === IN_SCALAR) {
      if (this.#length > MAX_SCALAR) this.#state = BROKEN;
      else this.#kept.bytes(bytes, from, at);
    }
    if (at < bytes.length && this.#state !== BROKEN) this.#behindValue();
    return at;
  }
}

function isBlank(byte: number): boolean {
  return byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09;
}

/** Letters, digits, signs and the point: the bytes of numbers, `true`, `false` and `null`. */
function isScalarByte(byte: number): boolean {
  return (
    (byte >= 0x30 && byte <= 0x39) ||
    (byte >= 0x61 && byte <= 0x7a) ||
    byte === 0x2d ||
    byte === 0x2e ||
    byte === 0x2b ||
    byte === 0x45
  );
}
