/** Encoded rows as one array: a header, then the elements. */

/** Bytes before the elements of an array of one dimension. */
export const ARRAY_HEADER_BYTES = 20;

/** The rows as one array value of the composite type `elementOid`; pass it as a query parameter. */
export function rowArray(elementOid: number, rows: readonly Buffer[]): Buffer {
  const header = arrayHeader(Buffer.allocUnsafe(ARRAY_HEADER_BYTES), elementOid, rows.length);
  return rows.length === 0 ? header.subarray(0, 12) : Buffer.concat([header, ...rows]);
}

/** Writes an array's header: dimensions, nulls, type, length, lower bound. */
export function arrayHeader(into: Buffer, elementOid: number, rows: number): Buffer {
  into.writeInt32BE(rows === 0 ? 0 : 1, 0);
  into.writeInt32BE(0, 4);
  into.writeUInt32BE(elementOid, 8);
  into.writeInt32BE(rows, 12);
  into.writeInt32BE(1, 16);
  return into;
}
