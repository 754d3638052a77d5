/**
 * Rows for `unnest($1::some_row_type[])`, encoded in Postgres' binary format.
 *
 * A bulk statement's cost is dominated by turning values into text and back: one binary array of a composite
 * type is written with a handful of stores per value here and read with one receive call per value there.
 */

/** Object ids of the built-in types; fixed in every Postgres. */
const OID = {
  bytea: 17,
  int8: 20,
  int4: 23,
  text: 25,
  float8: 701,
  date: 1082,
  timestamptz: 1184,
  numeric: 1700,
  uuid: 2950,
  jsonb: 3802,
};

/** 2000-01-01T00:00:00Z in Unix milliseconds: the zero of Postgres' binary times. */
const POSTGRES_EPOCH_MS = 946_684_800_000;
const MS_PER_DAY = 86_400_000;

/** A null takes its type and a length of -1. */
const NULL_BYTES = 8;
const NULLS = Buffer.alloc(64 * NULL_BYTES);
for (let at = 0; at < NULLS.length; at += NULL_BYTES) {
  NULLS.writeInt32BE(OID.int8, at);
  NULLS.writeInt32BE(-1, at + 4);
}

/** Writes rows of one composite type one after another. Columns must come in the type's order. */
export class RowWriter {
  #bytes: Buffer;
  #length = 0;
  #rowStart = 0;

  constructor(initialBytes = 4096) {
    this.#bytes = Buffer.allocUnsafe(initialBytes);
  }

  /** Begins a row of `columns` columns. */
  begin(columns: number): void {
    this.#reserve(8);
    this.#rowStart = this.#length;
    this.#length += 4; // the row's own length, known at its end
    this.#length = this.#bytes.writeInt32BE(columns, this.#length);
  }

  /** Ends the row and returns it: length-prefixed, as it stands in an array. Valid after later writes too. */
  end(): Buffer {
    this.#bytes.writeInt32BE(this.#length - this.#rowStart - 4, this.#rowStart);
    return this.#bytes.subarray(this.#rowStart, this.#length);
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
    this.#bytes.write(value.replaceAll('-', ''), this.#length, 16, 'hex');
    this.#length += 16;
  }

  float8(value: number | null): void {
    if (value === null) {
      this.#null(OID.float8);
      return;
    }
    this.#header(OID.float8, 8);
    this.#length = this.#bytes.writeDoubleBE(value, this.#length);
  }

  /** A safe integer. */
  int8(value: number): void {
    this.#header(OID.int8, 8);
    this.#int64(value);
  }

  /**
   * `columns` columns of int8 of which most are null. `filled` holds column (from 0) and value by turns, in any order,
   * each column once; values are safe integers.
   */
  sparseInt8(columns: number, filled: readonly number[]): void {
    this.#reserve(columns * 16);
    let column = 0;
    for (const [next, value] of inOrder(filled)) {
      this.#nulls(next - column);
      this.int8(value);
      column = next + 1;
    }
    this.#nulls(columns - column);
  }

  /** Unix milliseconds. */
  timestamptz(unixMs: number): void {
    this.#header(OID.timestamptz, 8);
    this.#int64((unixMs - POSTGRES_EPOCH_MS) * 1000);
  }

  /** Days since 1970-01-01. */
  date(unixDay: number): void {
    this.#header(OID.date, 4);
    this.#length = this.#bytes.writeInt32BE(unixDay - POSTGRES_EPOCH_MS / MS_PER_DAY, this.#length);
  }

  /** Picodollars as `numeric` with 12 digits after the point, exactly. */
  picos(value: bigint | null): void {
    if (value === null) {
      this.#null(OID.numeric);
      return;
    }
    const digits = base10000(value < 0n ? -value : value);
    this.#header(OID.numeric, 8 + 2 * digits.length);
    // numeric's digits are groups of four; twelve decimals are exactly three groups.
    this.#length = this.#bytes.writeInt16BE(digits.length, this.#length);
    this.#length = this.#bytes.writeInt16BE(digits.length - 4, this.#length);
    this.#length = this.#bytes.writeUInt16BE(value < 0n ? 0x4000 : 0, this.#length);
    this.#length = this.#bytes.writeInt16BE(12, this.#length);
    for (const digit of digits) this.#length = this.#bytes.writeInt16BE(digit, this.#length);
  }

  #int64(value: number): void {
    this.#length = this.#bytes.writeInt32BE(Math.floor(value / 4_294_967_296), this.#length);
    this.#length = this.#bytes.writeUInt32BE(value >>> 0, this.#length);
  }

  #nulls(count: number): void {
    for (let left = count; left > 0; left -= NULLS.length / NULL_BYTES) {
      const bytes = Math.min(left * NULL_BYTES, NULLS.length);
      this.#length += NULLS.copy(this.#bytes, this.#length, 0, bytes);
    }
  }

  #null(oid: number): void {
    this.#reserve(8);
    this.#length = this.#bytes.writeInt32BE(oid, this.#length);
    this.#length = this.#bytes.writeInt32BE(-1, this.#length);
  }

  #header(oid: number, bytes: number): void {
    this.#reserve(8 + bytes);
    this.#length = this.#bytes.writeInt32BE(oid, this.#length);
    this.#length = this.#bytes.writeInt32BE(bytes, this.#length);
  }

  #string(oid: number, value: string, version?: number): void {
    this.#reserve(9 + value.length * 3);
    this.#length = this.#bytes.writeInt32BE(oid, this.#length);
    const lengthAt = this.#length;
    this.#length += 4;
    if (version !== undefined) this.#length = this.#bytes.writeUInt8(version, this.#length);
    this.#length += this.#bytes.write(value, this.#length, 'utf8');
    this.#bytes.writeInt32BE(this.#length - lengthAt - 4, lengthAt);
  }

  /** Grows by a fresh buffer that takes the unfinished row along, so that finished rows stay valid. */
  #reserve(bytes: number): void {
    if (this.#length + bytes <= this.#bytes.length) return;
    const unfinished = this.#bytes.subarray(this.#rowStart, this.#length);
    const next = Buffer.allocUnsafe(Math.max(this.#bytes.length, 4 * (unfinished.length + bytes)));
    unfinished.copy(next);
    this.#bytes = next;
    this.#length = unfinished.length;
    this.#rowStart = 0;
  }
}

/** Pairs of column and value, by column. */
function inOrder(filled: readonly number[]): readonly (readonly [number, number])[] {
  const pairs: (readonly [number, number])[] = [];
  for (let at = 0; at < filled.length; at += 2) pairs.push([filled[at] ?? 0, filled[at + 1] ?? 0]);
  return pairs.length < 2 ? pairs : pairs.sort((a, b) => a[0] - b[0]);
}

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

/** The rows as one array value of the composite type `elementOid`; pass it as a query parameter. */
export function rowArray(elementOid: number, rows: readonly Buffer[]): Buffer {
  const header = Buffer.allocUnsafe(20);
  header.writeInt32BE(rows.length === 0 ? 0 : 1, 0);
  header.writeInt32BE(0, 4);
  header.writeUInt32BE(elementOid, 8);
  header.writeInt32BE(rows.length, 12);
  header.writeInt32BE(1, 16);
  return rows.length === 0 ? header.subarray(0, 12) : Buffer.concat([header, ...rows]);
}
