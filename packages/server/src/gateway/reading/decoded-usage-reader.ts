/** Reads an answer that came compressed although the gateway asked for none: unpacked chunk by chunk, within bounds. */
import {
  constants,
  createBrotliDecompress,
  createGunzip,
  createInflate,
  createZstdDecompress,
} from 'node:zlib';
import type { Anomaly, ExtractedUsage } from '@farthing/pricing';
import type { StreamPosition } from '@farthing/pricing/extract';
import type { KeptAnswer } from '../../tokens/token-estimate.ts';
import type { UsageReader } from './usage-reader.ts';

/** Most decompressed bytes that are read: a small answer must not become a large one. */
const MAX_DECODED_BYTES = 64 * 1024 * 1024;
/**
 * An answer that decompresses to more than this many times its size is not read, unless it is small: no model's answer
 * does.
 */
const MAX_RATIO = 100;
const SMALL_BYTES = 1024 * 1024;

type Decoder = NodeJS.ReadWriteStream & { destroy(): void };

const FLUSHED = { flush: constants.Z_SYNC_FLUSH, finishFlush: constants.Z_SYNC_FLUSH };
const FLUSHED_BROTLI = {
  flush: constants.BROTLI_OPERATION_FLUSH,
  finishFlush: constants.BROTLI_OPERATION_FLUSH,
};

const DECODERS: { readonly [encoding: string]: (() => Decoder) | undefined } = {
  gzip: () => createGunzip(FLUSHED),
  'x-gzip': () => createGunzip(FLUSHED),
  deflate: () => createInflate(FLUSHED),
  br: () => createBrotliDecompress(FLUSHED_BROTLI),
  zstd: () => createZstdDecompress(),
};

/** Why an answer, or its end, was not read. */
const UNREAD = {
  encoding: 'the answer came in an encoding that is not unpacked here; it was not read',
  broken: 'the answer cannot be unpacked to its end; what stands behind that place was not read',
  large: `the answer unpacks to more than ${MAX_DECODED_BYTES} bytes or ${MAX_RATIO} times its size; the rest was not read`,
} as const;

/**
 * Decompresses for another reader, off the event loop. An answer that cannot be decompressed or exceeds the bounds is
 * not read; the reading then has the anomaly `answer_not_read`. The answer itself is still passed on.
 */
export class DecodedUsageReader implements UsageReader {
  readonly #reader: UsageReader;
  #decoder: Decoder | null;
  #position: StreamPosition = 'running';
  #bytes = 0;
  #decodedBytes = 0;
  #unread: keyof typeof UNREAD | null = null;

  constructor(reader: UsageReader, encoding: string) {
    this.#reader = reader;
    this.#decoder = DECODERS[encoding.trim().toLowerCase()]?.() ?? null;
    if (this.#decoder === null) this.#unread = 'encoding';
    this.#decoder?.on('data', (chunk: Buffer) => this.#read(chunk));
    this.#decoder?.on('error', () => this.#giveUp('broken'));
  }

  get failed(): boolean {
    return this.#reader.failed;
  }

  push(chunk: Buffer): StreamPosition | Promise<StreamPosition> {
    const decoder = this.#decoder;
    if (decoder === null) return this.#position;
    this.#bytes += chunk.length;
    return new Promise((resolve) => {
      const done = () => {
        decoder.off('close', done);
        resolve(this.#position);
      };
      // Behind the write's callback its output still waits in the stream for one turn.
      decoder.write(chunk, () => setImmediate(done));
      decoder.once('close', done);
    });
  }

  stop(): void {
    this.#decoder?.destroy();
    this.#decoder = null;
    this.#reader.stop();
  }

  end(reason: 'complete' | 'aborted'): ExtractedUsage | null {
    this.stop();
    const unread = this.#unread;
    if (unread === null) return this.#reader.end(reason);
    // The part left out may have held the counts, so treat the answer as cut there.
    const usage = this.#reader.end('aborted');
    if (usage === null) return null;
    const anomaly: Anomaly = { code: 'answer_not_read', message: UNREAD[unread] };
    const source = usage.source === 'reported' ? 'partial' : usage.source;
    return { ...usage, source, anomalies: [...usage.anomalies, anomaly] };
  }

  kept(): KeptAnswer {
    return this.#reader.kept();
  }

  #read(chunk: Buffer): void {
    if (this.#decoder === null) return;
    this.#decodedBytes += chunk.length;
    const most = Math.min(MAX_DECODED_BYTES, Math.max(SMALL_BYTES, this.#bytes * MAX_RATIO));
    if (this.#decodedBytes > most) this.#giveUp('large');
    else this.#position = this.#reader.push(chunk) as StreamPosition;
  }

  #giveUp(why: keyof typeof UNREAD): void {
    this.#unread ??= why;
    this.#decoder?.destroy();
    this.#decoder = null;
  }
}
