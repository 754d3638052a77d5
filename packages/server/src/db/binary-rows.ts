/**
 * Rows for `unnest($1::some_row_type[])`, encoded in Postgres' binary format.
 *
 * A bulk statement's cost is dominated by turning values into text and back: one binary array of a composite
 * type is written with a handful of stores per value here and read with one receive call per value there.
 */

import { ARRAY_HEADER_BYTES, arrayHeader, rowArray } from './row-array.ts';

/** Object ids of the built-in types; fixed in every Postgres. */
const OID = {
  bytea: 17,
  int8: 20,
  int4: 23,
  text: 25,
  float8: 701,
  int8Array: 1016,
  date: 1082,
  timestamptz: 1184,
  numeric: 1700,
  uuid: 2950,
  jsonb: 3802,
};

/** 2000-01-01T00:00:00Z in Unix milliseconds: the zero of Postgres' binary times. */
const POSTGRES_EPOCH_MS = 946_684_800_000;
const MS_PER_DAY = 86_400_000;

/** Texts up to this length are written character by character, which is faster than asking the platform to. */
const SHORT_TEXT = 48;

/**
 * Writes rows of one composite type one after another, as buffers of their own ({@link RowWriter.end}) or as one array
 * ({@link RowWriter.endArray}). Columns must come in the type's order.
 */
export class RowWriter {
  #bytes: Buffer;
  /** Of the same memory; its stores cost a fraction of Buffer's. */
  #view: DataView;
  #length = 0;
  #rowStart = 0;
  /** Start of the bytes to copy when the buffer grows: the unfinished row, or the whole array. */
  #keepFrom = 0;
  #array: { readonly elementOid: number; rows: number } | null = null;

  constructor(initialBytes = 4096) {
    this.#bytes = Buffer.allocUnsafe(initialBytes);
    this.#view = viewOf(this.#bytes);
  }

  /** Begins an array of rows of the composite type `elementOid`; the writer can then hold nothing else. */
  beginArray(elementOid: number): void {
    this.#reserve(ARRAY_HEADER_BYTES);
    this.#keepFrom = this.#length;
    this.#length += ARRAY_HEADER_BYTES;
    this.#array = { elementOid, rows: 0 };
  }

  /** Begins a row of `columns` columns. */
  begin(columns: number): void {
    this.#reserve(8);
    this.#rowStart = this.#length;
    if (this.#array === null) this.#keepFrom = this.#length;
    this.#length += 4; // the row's own length, known at its end
    this.#int32(columns);
  }

  /** Ends the row and returns it length-prefixed, as an element of an array. Stays valid after later writes. */
  end(): Buffer {
    this.#view.setInt32(this.#rowStart, this.#length - this.#rowStart - 4);
    return this.#bytes.subarray(this.#rowStart, this.#length);
  }

  /** Ends a row of the array. */
  endRow(): void {
    this.#view.setInt32(this.#rowStart, this.#length - this.#rowStart - 4);
    if (this.#array !== null) this.#array.rows += 1;
  }

  /** Ends the array and returns it; pass it as a query parameter. */
  endArray(): Buffer {
    const { elementOid, rows } = this.#array ?? { elementOid: 0, rows: 0 };
    const array = this.#bytes.subarray(this.#keepFrom, this.#length);
    return rows === 0 ? rowArray(elementOid, []) : arrayHeader(array, elementOid, rows);
  }

  text(value: string | null): void {
    if (value === null) this.#null(OID.text);
    else this.#string(OID.text, value);
  }

  /** JSON text, already printed. */
  jsonb(value: string | null): void {
    if (value === null) this.#null(OID.jsonb);
    else this.#string(OID.jsonb, value, 1);
  }

  bytea(value: Buffer): void {
    this.#header(OID.bytea, value.length);
    this.#length += value.copy(this.#bytes, this.#length);
  }

  uuid(value: string | null): void {
    if (value === null) {
      this.#null(OID.uuid);
      return;
    }
    this.#header(OID.uuid, 16);
    const written = this.#bytes.write(value.replaceAll('-', ''), this.#length, 16, 'hex');
    // `write` stops at a character that is not hex, and the bytes after it would be old memory.
    if (written !== 16) throw new RangeError(`"${value.slice(0, 60)}" is no UUID.`);
    this.#length += 16;
  }

  float8(value: number | null): void {
    if (value === null) {
      this.#null(OID.float8);
      return;
    }
    this.#header(OID.float8, 8);
    this.#view.setFloat64(this.#length, value);
    this.#length += 8;
  }

  /** A safe integer. */
  int8(value: number | null): void {
    if (value === null) {
      this.#null(OID.int8);
      return;
    }
    this.#header(OID.int8, 8);
    this.#int64(value);
  }

  /**
   * An array of int8 that begins at index `first`, as `int8[]` with that lower bound; null where it has no elements.
   * Values are safe integers.
   */
  int8Array(first: number, values: readonly (number | null)[]): void {
    if (values.length === 0) {
      this.#null(OID.int8Array);
      return;
    }
    let nulls = 0;
    for (const value of values) if (value === null) nulls += 1;
    this.#header(OID.int8Array, 20 + values.length * 12 - nulls * 8);
    this.#int32(1); // dimensions
    this.#int32(nulls === 0 ? 0 : 1);
    this.#int32(OID.int8);
    this.#int32(values.length);
    this.#int32(first);
    for (const value of values) {
      this.#int32(value === null ? -1 : 8);
      if (value !== null) this.#int64(value);
    }
  }

  /** Unix milliseconds. */
  timestamptz(unixMs: number): void {
    this.#header(OID.timestamptz, 8);
    this.#int64((unixMs - POSTGRES_EPOCH_MS) * 1000);
  }

  /** Days since 1970-01-01. */
  date(unixDay: number): void {
    this.#header(OID.date, 4);
    this.#int32(unixDay - POSTGRES_EPOCH_MS / MS_PER_DAY);
  }

  /** Picodollars as `numeric` with 12 digits after the point, exactly. */
  picos(value: bigint | null): void {
    if (value === null) {
      this.#null(OID.numeric);
      return;
    }
    const negative = value < 0n;
    const magnitude = negative ? -value : value;
    if (magnitude <= MAX_SAFE) this.#smallPicos(Number(magnitude), negative);
    else this.#digits(base10000(magnitude), negative);
  }

  /** The same digits without a list of them: nearly every amount is one of these, and sums have eight to a row. */
  #smallPicos(magnitude: number, negative: boolean): void {
    let count = 0;
    for (let rest = magnitude; rest > 0; rest = Math.floor(rest / 10_000)) count += 1;
    this.#numericHeader(count, negative);
    let rest = magnitude;
    for (let at = this.#length + 2 * (count - 1); rest > 0; at -= 2) {
      const next = Math.floor(rest / 10_000);
      this.#view.setInt16(at, rest - next * 10_000);
      rest = next;
    }
    this.#length += 2 * count;
  }

  #digits(digits: readonly number[], negative: boolean): void {
    this.#numericHeader(digits.length, negative);
    for (const digit of digits) {
      this.#view.setInt16(this.#length, digit);
      this.#length += 2;
    }
  }

  /** numeric's digits are groups of four; twelve decimals are exactly three groups. */
  #numericHeader(digits: number, negative: boolean): void {
    this.#header(OID.numeric, 8 + 2 * digits);
    this.#view.setInt16(this.#length, digits);
    this.#view.setInt16(this.#length + 2, digits - 4);
    this.#view.setUint16(this.#length + 4, negative ? 0x4000 : 0);
    this.#view.setInt16(this.#length + 6, 12);
    this.#length += 8;
  }

  #int32(value: number): void {
    this.#view.setInt32(this.#length, value);
    this.#length += 4;
  }

  #int64(value: number): void {
    this.#view.setInt32(this.#length, Math.floor(value / 4_294_967_296));
    this.#view.setUint32(this.#length + 4, value >>> 0);
    this.#length += 8;
  }

  #null(oid: number): void {
    this.#reserve(8);
    this.#int32(oid);
    this.#int32(-1);
  }

  #header(oid: number, bytes: number): void {
    this.#reserve(8 + bytes);
    this.#int32(oid);
    this.#int32(bytes);
  }

  #string(oid: number, value: string, version?: number): void {
    this.#reserve(9 + value.length * 3);
    this.#int32(oid);
    const lengthAt = this.#length;
    this.#length += 4;
    if (version !== undefined) {
      this.#bytes[this.#length] = version;
      this.#length += 1;
    }
    this.#length += this.#shortAscii(value) ?? this.#bytes.write(value, this.#length, 'utf8');
    this.#view.setInt32(lengthAt, this.#length - lengthAt - 4);
  }

  /** Writes the text and returns its length; null where it is long or more than ASCII. */
  #shortAscii(value: string): number | null {
    if (value.length > SHORT_TEXT) return null;
    for (let at = 0; at < value.length; at += 1) {
      const code = value.charCodeAt(at);
      if (code > 127) return null;
      this.#bytes[this.#length + at] = code;
    }
    return value.length;
  }

  /** Grows by a fresh buffer that takes along what is unfinished, so that finished rows stay valid. */
  #reserve(bytes: number): void {
    if (this.#length + bytes <= this.#bytes.length) return;
    const unfinished = this.#bytes.subarray(this.#keepFrom, this.#length);
    const next = Buffer.allocUnsafe(Math.max(this.#bytes.length, 4 * (unfinished.length + bytes)));
    unfinished.copy(next);
    this.#bytes = next;
    this.#view = viewOf(next);
    this.#rowStart -= this.#keepFrom;
    this.#length = unfinished.length;
    this.#keepFrom = 0;
  }
}

const viewOf = (bytes: Buffer): DataView => new DataView(bytes.buffer, bytes.byteOffset, bytes.length);

const MAX_SAFE = BigInt(Number.MAX_SAFE_INTEGER);

/** Base-10000 digits, most significant first; none for zero. */
function base10000(value: bigint): number[] {
  const digits: number[] = [];
  let rest = value;
  while (rest > 0x1f_ffff_ffff_ffffn) {
    digits.push(Number(rest % 10_000n));
    rest /= 10_000n;
  }
  for (let small = Number(rest); small > 0; small = Math.floor(small / 10_000)) digits.push(small % 10_000);
  return digits.reverse();
}
