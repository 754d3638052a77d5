/** Reads an answer that came compressed although the gateway asked for none: unpacked chunk by chunk, within a bound. */
import {
  constants,
  createBrotliDecompress,
  createGunzip,
  createInflate,
  createZstdDecompress,
} from 'node:zlib';
import type { ExtractedUsage } from '@farthing/pricing';
import type { KeptAnswer } from '../tokens/estimate.ts';
import type { Meter } from './meter.ts';
import type { StreamPosition } from './stream-end.ts';

/** What is unpacked beyond this is not read: a small answer must not become a large one in memory. */
const MAX_DECODED_BYTES = 128 * 1024 * 1024;

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

/** Unpacks for another meter. What cannot be unpacked is not read; the answer itself passes all the same. */
export class DecodedMeter implements Meter {
  readonly #meter: Meter;
  #decoder: Decoder | null;
  #position: StreamPosition = 'running';
  #decodedBytes = 0;

  constructor(meter: Meter, encoding: string) {
    this.#meter = meter;
    this.#decoder = DECODERS[encoding.toLowerCase()]?.() ?? null;
    this.#decoder?.on('data', (chunk: Buffer) => this.#read(chunk));
    this.#decoder?.on('error', () => this.#stop());
  }

  get failed(): boolean {
    return this.#meter.failed;
  }

  push(chunk: Buffer): StreamPosition | Promise<StreamPosition> {
    const decoder = this.#decoder;
    if (decoder === null) return this.#position;
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

  end(reason: 'complete' | 'aborted'): ExtractedUsage | null {
    this.#stop();
    return this.#meter.end(reason);
  }

  kept(): KeptAnswer {
    return this.#meter.kept();
  }

  #read(chunk: Buffer): void {
    this.#decodedBytes += chunk.length;
    if (this.#decodedBytes > MAX_DECODED_BYTES) this.#stop();
    else this.#position = this.#meter.push(chunk) as StreamPosition;
  }

  #stop(): void {
    this.#decoder?.destroy();
    this.#decoder = null;
  }
}
