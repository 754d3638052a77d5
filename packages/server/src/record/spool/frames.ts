/** Frames of a spool segment: magic, length, CRC-32, payload. A reader finds its way again after damaged bytes. */
import { crc32 } from 'node:zlib';

const MAGIC = Buffer.from('\u00f0FS1', 'latin1'); // no UTF-8 text contains the byte f0 followed by F
const HEADER_BYTES = 12;
/** Most bytes of one payload that a reader accepts, and so that may be written. */
export const LONGEST_PAYLOAD = 64 * 1024 * 1024;

/** One payload as a frame of a segment. Throws a RangeError past {@link LONGEST_PAYLOAD}: no reader would accept it. */
export function frame(payload: Buffer): Buffer {
  if (payload.length > LONGEST_PAYLOAD) {
    throw new RangeError(`A frame holds at most ${LONGEST_PAYLOAD} bytes, not ${payload.length}.`);
  }
  const framed = Buffer.allocUnsafe(HEADER_BYTES + payload.length);
  MAGIC.copy(framed, 0);
  framed.writeUInt32LE(payload.length, 4);
  framed.writeUInt32LE(checksum(payload), 8);
  payload.copy(framed, HEADER_BYTES);
  return framed;
}

/** The checksum covers the length too. */
function checksum(payload: Buffer): number {
  return crc32(payload, payload.length);
}

export interface SegmentReading {
  readonly payloads: readonly Buffer[];
  /** Stretches that are no whole frame: a write cut short by a crash, or flipped bits. */
  readonly damaged: readonly { readonly offset: number; readonly bytes: Buffer }[];
}

/** Reads every whole frame of a segment, in order, and names what lies between. Never throws on content. */
export function readFrames(segment: Buffer): SegmentReading {
  const payloads: Buffer[] = [];
  const damaged: { offset: number; bytes: Buffer }[] = [];
  let offset = 0;
  let goodUntil = 0;
  while (offset < segment.length) {
    const payload = frameAt(segment, offset);
    if (payload === null) {
      // The length itself may be wrong: look for the next magic that begins a sound frame.
      const next = segment.indexOf(MAGIC, offset + 1);
      offset = next === -1 ? segment.length : next;
      continue;
    }
    if (offset > goodUntil) damaged.push({ offset: goodUntil, bytes: segment.subarray(goodUntil, offset) });
    payloads.push(payload);
    offset += HEADER_BYTES + payload.length;
    goodUntil = offset;
  }
  if (goodUntil < segment.length) damaged.push({ offset: goodUntil, bytes: segment.subarray(goodUntil) });
  return { payloads, damaged };
}

function frameAt(segment: Buffer, offset: number): Buffer | null {
  if (offset + HEADER_BYTES > segment.length || segment.compare(MAGIC, 0, 4, offset, offset + 4) !== 0)
    return null;
  const length = segment.readUInt32LE(offset + 4);
  const end = offset + HEADER_BYTES + length;
  if (length > LONGEST_PAYLOAD || end > segment.length) return null;
  const payload = segment.subarray(offset + HEADER_BYTES, end);
  return checksum(payload) === segment.readUInt32LE(offset + 8) ? payload : null;
}
