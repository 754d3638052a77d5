/** A copy of one answer, read for its usage while the answer itself streams by. */
import type { ExtractedUsage } from '@farthing/pricing';
import { ExtractError, type StreamExtractor } from '@farthing/pricing/extract';
import type { KeptAnswer } from '../tokens/estimate.ts';
import { AnswerKeeper } from './kept-answer.ts';
import { StreamEndFinder, type StreamPosition } from './stream-end.ts';

export interface Meter {
  /**
   * Copies a chunk and says where the stream stands after it. A promise where the chunk has to be unpacked first;
   * the next chunk waits for it.
   */
  push(chunk: Buffer): StreamPosition | Promise<StreamPosition>;
  /** True once the provider reported an error inside its stream. */
  readonly failed: boolean;
  /** The reading; null where the answer is of no known form. Never throws. Ends the meter. */
  end(reason: 'complete' | 'aborted'): ExtractedUsage | null;
  /** The beginning of the answer, unpacked. */
  kept(): KeptAnswer;
}

/** Reads an answer that is not compressed. */
export class PlainMeter implements Meter {
  readonly #extractor: StreamExtractor;
  readonly #finder: StreamEndFinder | null;
  readonly #keeper = new AnswerKeeper();

  /** @param streams the answer is a stream of server-sent events */
  constructor(extractor: StreamExtractor, streams: boolean) {
    this.#extractor = extractor;
    this.#finder = streams ? new StreamEndFinder() : null;
  }

  get failed(): boolean {
    return this.#finder?.failed ?? false;
  }

  push(chunk: Buffer): StreamPosition {
    this.#extractor.push(chunk);
    this.#keeper.push(chunk);
    return this.#finder === null ? 'running' : this.#finder.push(chunk);
  }

  end(reason: 'complete' | 'aborted'): ExtractedUsage | null {
    try {
      return this.#extractor.end(reason);
    } catch (error) {
      if (error instanceof ExtractError) return null;
      throw error;
    }
  }

  kept(): KeptAnswer {
    return this.#keeper.read();
  }
}
