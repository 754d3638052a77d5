/** A copy of one answer, read for its usage while the answer itself streams by. */
import { brotliDecompressSync, gunzipSync, inflateSync } from 'node:zlib';
import type { ExtractedUsage } from '@farthing/pricing';
import { ExtractError, type ExtractHint, openStream, type StreamExtractor } from '@farthing/pricing/extract';
import { StreamEndFinder } from './stream-end.ts';

/** Longest compressed answer that is kept for reading; decompressed it may be eight times as long. */
const MAX_ENCODED_BYTES = 16 * 1024 * 1024;
const MAX_DECODED_BYTES = 8 * MAX_ENCODED_BYTES;

const DECODERS: {
  readonly [encoding: string]: ((data: Buffer, options: { maxOutputLength: number }) => Buffer) | undefined;
} = {
  gzip: gunzipSync,
  'x-gzip': gunzipSync,
  deflate: inflateSync,
  br: brotliDecompressSync,
};

export interface Meter {
  /** Copies a chunk. True once the event that ends the stream for the caller was seen. */
  push(chunk: Buffer): boolean;
  /** The reading; null where the answer is of no known form. Never throws. */
  end(reason: 'complete' | 'aborted'): ExtractedUsage | null;
}

/**
 * Opens a meter for one answer.
 *
 * @param encoding the answer's `content-encoding`: the gateway asks for none, but a provider may not listen
 */
export function openMeter(hint: ExtractHint, encoding: string | undefined): Meter {
  const extractor = openStream(hint);
  if (encoding === undefined || encoding === 'identity') return new PlainMeter(extractor);
  return new EncodedMeter(extractor, encoding);
}

class PlainMeter implements Meter {
  readonly #extractor: StreamExtractor;
  readonly #end = new StreamEndFinder();

  constructor(extractor: StreamExtractor) {
    this.#extractor = extractor;
  }

  push(chunk: Buffer): boolean {
    this.#extractor.push(chunk);
    return this.#end.push(chunk);
  }

  end(reason: 'complete' | 'aborted'): ExtractedUsage | null {
    return read(this.#extractor, reason);
  }
}

/** Keeps the compressed bytes and reads them when the answer is over. */
class EncodedMeter implements Meter {
  readonly #extractor: StreamExtractor;
  readonly #encoding: string;
  readonly #chunks: Buffer[] = [];
  #bytes = 0;

  constructor(extractor: StreamExtractor, encoding: string) {
    this.#extractor = extractor;
    this.#encoding = encoding.toLowerCase();
  }

  push(chunk: Buffer): boolean {
    this.#bytes += chunk.length;
    if (this.#bytes <= MAX_ENCODED_BYTES) this.#chunks.push(chunk);
    return false;
  }

  end(reason: 'complete' | 'aborted'): ExtractedUsage | null {
    const decode = DECODERS[this.#encoding];
    if (decode === undefined || this.#bytes > MAX_ENCODED_BYTES) return null;
    try {
      this.#extractor.push(decode(Buffer.concat(this.#chunks), { maxOutputLength: MAX_DECODED_BYTES }));
    } catch {
      return null; // cut off or not what its header says: nothing can be read
    }
    return read(this.#extractor, reason);
  }
}

function read(extractor: StreamExtractor, reason: 'complete' | 'aborted'): ExtractedUsage | null {
  try {
    return extractor.end(reason);
  } catch (error) {
    if (error instanceof ExtractError) return null;
    throw error;
  }
}
