/**
 * Reads JSON of any size as it arrives and keeps an outline of it: the same value with long texts cut, long lists of
 * numbers dropped to their first few and subtrees beyond the bounds left out. What providers report as usage is small
 * and stays whole; what makes a body large (vectors, images, generated text) is not needed to price it.
 *
 * Time is linear in the bytes, memory is bounded by the limits, whatever the bytes are.
 */
import {
  BACKSLASH,
  CLOSE_ARRAY,
  CLOSE_OBJECT,
  COLON,
  COMMA,
  isBlank,
  isScalarByte,
  OPEN_ARRAY,
  OPEN_OBJECT,
  QUOTE,
} from './json-bytes.ts';
import { OutlineRoom } from './outline-room.ts';
import { ANSWER_LIMITS, type OutlineLimits, OutlineText } from './outline-text.ts';
import { SkippedValue } from './skipped-value.ts';

/** No member with a longer key is read: it is left out. */
const MAX_KEY = 256;
/** A longer number is not read. */
const MAX_SCALAR = 400;

/** What may come next, or what is being read. */
const VALUE = 0;
const FIRST_ELEMENT = 1;
const FIRST_KEY = 2;
const KEY = 3;
const BEFORE_COLON = 4;
const BEHIND_VALUE = 5;
const IN_KEY = 6;
const IN_TEXT = 7;
const IN_SCALAR = 8;
const IN_DROPPED_SCALAR = 9;
const IN_DROPPED = 10;
const WHOLE = 11;
const BROKEN = 12;

/**
 * Takes one JSON value, split anywhere.
 *
 * @example
 * const outline = new JsonOutline();
 * for (const chunk of chunks) outline.push(chunk);
 * const text = outline.text(); // JSON text within the limits; null where the bytes were no whole value
 */
export class JsonOutline {
  readonly #room: OutlineRoom;
  readonly #kept: OutlineText;
  readonly #skipped = new SkippedValue();
  #state = VALUE;
  /** The byte before this one was a backslash. */
  #escaped = false;
  /** Length of the scalar, key or text that is being read. */
  #length = 0;
  #keyTooLong = false;
  #cut = false;
  #shortened = false;

  constructor(limits: OutlineLimits = ANSWER_LIMITS) {
    this.#room = new OutlineRoom(limits);
    this.#kept = new OutlineText(limits);
  }

  /** Begins with the next value: cheaper than a new outline where there are many small ones. */
  reset(): void {
    this.#kept.reset();
    this.#room.reset();
    this.#state = VALUE;
    this.#escaped = false;
    this.#length = 0;
    this.#keyTooLong = false;
    this.#cut = false;
    this.#shortened = false;
  }

  /** True once the value is whole: no further byte belongs to it. */
  get whole(): boolean {
    return this.#state === WHOLE;
  }

  /** True once the bytes cannot be JSON. */
  get broken(): boolean {
    return this.#state === BROKEN;
  }

  /** True where an object, or a member of one, was left out for want of room: counts may be missing. */
  get cut(): boolean {
    return this.#cut;
  }

  /** True if a text or a list of texts or numbers was cut short. */
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
    if (this.#state === IN_SCALAR && this.#room.depth === 0) this.#behindValue();
    return this.whole ? this.#kept.read() : null;
  }

  #step(bytes: Uint8Array, at: number): number {
    switch (this.#state) {
      case IN_TEXT:
        return this.#text(bytes, at);
      case IN_DROPPED:
        return this.#passOver(bytes, at);
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
        this.#state = this.#room.inList ? VALUE : KEY;
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
      if (this.#hasRoom() && this.#room.fitsDeeper()) {
        this.#keepValue();
        this.#kept.byte(byte);
        this.#room.enter(byte === OPEN_ARRAY);
        this.#state = byte === OPEN_ARRAY ? FIRST_ELEMENT : FIRST_KEY;
      } else {
        // A list within a list is a vector; anything else may hold counts.
        this.#cut ||= byte === OPEN_OBJECT || !this.#room.inList;
        this.#skipped.beginTree();
        this.#state = IN_DROPPED;
      }
      return at + 1;
    }
    if (byte === QUOTE) {
      const kept = this.#room.inList ? this.#fitsList(this.#room.fitsText()) : this.#fitsMember();
      this.#state = kept ? IN_TEXT : IN_DROPPED;
      if (kept) {
        this.#keepValue();
        this.#kept.beginText();
      } else this.#skipped.beginText();
      return at + 1;
    }
    if (!isScalarByte(byte)) {
      this.#state = BROKEN;
      return at + 1;
    }
    this.#length = 0;
    const kept = this.#room.inList ? this.#fitsList(this.#room.fitsNumber()) : this.#fitsMember();
    this.#state = kept ? IN_SCALAR : IN_DROPPED_SCALAR;
    if (kept) this.#keepValue();
    return at;
  }

  /** Whether a text or number of a list is kept. @param fits the list is not full */
  #fitsList(fits: boolean): boolean {
    const kept = fits && this.#hasRoom();
    this.#shortened ||= !kept;
    return kept;
  }

  /** Whether a text or number is kept that is a member, or the whole value. */
  #fitsMember(): boolean {
    const kept = this.#hasRoom();
    this.#cut ||= !kept;
    return kept;
  }

  #hasRoom(): boolean {
    return !this.#keyTooLong && this.#room.fits(this.#kept.length);
  }

  /** Writes the separator before a kept value: a comma, and the key if there is one. */
  #keepValue(): void {
    if (this.#room.keepValue()) this.#kept.byte(COMMA);
    if (this.#room.depth > 0 && !this.#room.inList) this.#kept.endKey();
  }

  #close(byte: number, at: number): number {
    if (byte !== (this.#room.inList ? CLOSE_ARRAY : CLOSE_OBJECT)) {
      this.#state = BROKEN;
      return at + 1;
    }
    this.#kept.byte(byte);
    this.#room.leave();
    this.#behindValue();
    return at + 1;
  }

  #behindValue(): void {
    this.#keyTooLong = false;
    this.#state = this.#room.depth === 0 ? WHOLE : BEHIND_VALUE;
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
      this.#skipped.beginText();
      this.#state = IN_DROPPED;
    } else if (at < bytes.length) {
      this.#kept.endText();
      this.#behindValue();
      return at + 1;
    }
    return at;
  }

  #passOver(bytes: Uint8Array, from: number): number {
    const at = this.#skipped.push(bytes, from);
    if (this.#skipped.over) this.#behindValue();
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
