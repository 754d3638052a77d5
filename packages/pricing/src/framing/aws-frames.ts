/**
 * AWS event-stream framing (`application/vnd.amazon.eventstream`): binary bytes → messages. Each message has
 * two checksums; one that does not fit ends the reading, since nothing after it can be trusted.
 */
const PRELUDE = 12;
const TRAILER = 4;
/** The service's own bound is 16 MiB; a longer message is broken. */
const MAX_MESSAGE = 24 * 1024 * 1024;
/** A longer message is passed over: events of a stream are small, and this much is read in one go. */
const MAX_READ = 1_048_576;
const STRING_HEADER = 7;
/** Bytes of the header types of fixed length: two booleans, byte, short, int, long; timestamp and UUID below. */
const FIXED_LENGTHS: readonly number[] = [0, 0, 1, 2, 4, 8];

export interface FramedMessage {
  /** String headers only: `:event-type`, `:message-type`, `:content-type`, `:exception-type`. */
  readonly headers: ReadonlyMap<string, string>;
  readonly payload: Uint8Array;
}

/** Reads frames from chunks split anywhere, in time that grows with the bytes. Never throws. */
export class FrameReader {
  readonly #onMessage: (message: FramedMessage) => void;
  readonly #onSkipped: () => void;
  /** The message that is not whole yet, as long as it will be; before that is known, only its first bytes. */
  #held = new Uint8Array(PRELUDE);
  #filled = 0;
  /** Bytes still to come of a message that is passed over. */
  #skipping = 0;
  #broken = false;

  /** @param onSkipped hears of each message that is too long to be read */
  constructor(onMessage: (message: FramedMessage) => void, onSkipped: () => void = () => undefined) {
    this.#onMessage = onMessage;
    this.#onSkipped = onSkipped;
  }

  /** True after a checksum or a length did not fit. */
  get broken(): boolean {
    return this.#broken;
  }

  push(chunk: Uint8Array): void {
    let at = 0;
    while (!this.#broken && at < chunk.length) {
      if (this.#skipping > 0) {
        const passed = Math.min(this.#skipping, chunk.length - at);
        this.#skipping -= passed;
        at += passed;
        continue;
      }
      const taken = Math.min(this.#held.length - this.#filled, chunk.length - at);
      this.#held.set(chunk.subarray(at, at + taken), this.#filled);
      at += taken;
      this.#filled += taken;
      if (this.#filled < this.#held.length) return;
      if (this.#filled === PRELUDE) this.#begin(this.#held);
      else this.#whole(this.#held);
    }
  }

  /** The first bytes of a message are there: they say how long it is. */
  #begin(prelude: Uint8Array): void {
    const view = new DataView(prelude.buffer, prelude.byteOffset, prelude.length);
    const length = view.getUint32(0);
    if (
      length < PRELUDE + TRAILER + view.getUint32(4) ||
      length > MAX_MESSAGE ||
      crc32(prelude, 0, 8) !== view.getUint32(8)
    ) {
      this.#break();
    } else if (length > MAX_READ) {
      this.#onSkipped();
      this.#skipping = length - PRELUDE;
      this.#letGo();
    } else {
      this.#held = new Uint8Array(length);
      this.#held.set(prelude);
    }
  }

  #whole(frame: Uint8Array): void {
    this.#letGo();
    this.#message(frame, new DataView(frame.buffer, frame.byteOffset).getUint32(4));
  }

  #letGo(): void {
    this.#held = new Uint8Array(PRELUDE);
    this.#filled = 0;
  }

  #break(): void {
    this.#broken = true;
    this.#letGo();
  }

  #message(frame: Uint8Array, headersLength: number): void {
    const view = new DataView(frame.buffer, frame.byteOffset, frame.length);
    const end = frame.length - TRAILER;
    if (crc32(frame, 0, end) !== view.getUint32(end)) {
      this.#break();
      return;
    }
    const payloadAt = PRELUDE + headersLength;
    this.#onMessage({
      headers: readHeaders(frame.subarray(PRELUDE, payloadAt)),
      payload: frame.subarray(payloadAt, end),
    });
  }
}

/** The string headers; what comes after a header of unknown type is left out. */
function readHeaders(bytes: Uint8Array): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  const decoder = new TextDecoder();
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  let at = 0;
  while (at < bytes.length) {
    const nameEnd = at + 1 + (bytes[at] ?? 0);
    const type = bytes[nameEnd];
    if (type === undefined) break;
    const valueAt = nameEnd + 1;
    if (type === 6 || type === STRING_HEADER) {
      if (valueAt + 2 > bytes.length) break;
      const valueEnd = valueAt + 2 + view.getUint16(valueAt);
      if (valueEnd > bytes.length) break;
      if (type === STRING_HEADER) {
        found.set(
          decoder.decode(bytes.subarray(at + 1, nameEnd)),
          decoder.decode(bytes.subarray(valueAt + 2, valueEnd)),
        );
      }
      at = valueEnd;
    } else {
      const length = type === 8 ? 8 : type === 9 ? 16 : FIXED_LENGTHS[type];
      if (length === undefined) break;
      at = valueAt + length;
    }
  }
  return found;
}

const CRC_TABLE = Uint32Array.from({ length: 256 }, (_, index) => {
  let value = index;
  for (let bit = 0; bit < 8; bit++) value = (value & 1) === 1 ? (value >>> 1) ^ 0xedb88320 : value >>> 1;
  return value >>> 0;
});

/** CRC-32 (IEEE 802.3) of `bytes[from, to)`. */
export function crc32(bytes: Uint8Array, from = 0, to = bytes.length): number {
  let crc = 0xffffffff;
  for (let at = from; at < to; at++) {
    crc = (crc >>> 8) ^ (CRC_TABLE[(crc ^ (bytes[at] ?? 0)) & 0xff] ?? 0);
  }
  return (crc ^ 0xffffffff) >>> 0;
}
