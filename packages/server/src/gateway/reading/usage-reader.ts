/** A copy of one answer, read for its usage while the answer itself streams by. */
import type { Anomaly, ExtractedUsage } from '@farthing/pricing';
import {
  ExtractError,
  StreamEndFinder,
  type StreamExtractor,
  type StreamForm,
  type StreamPosition,
} from '@farthing/pricing/extract';
import { findUnstorable } from '../../ledger/storable.ts';
import type { KeptAnswer } from '../../tokens/token-estimate.ts';
import { unusableName } from '../request/usable-name.ts';
import { AnswerKeeper } from './kept-answer.ts';

export interface UsageReader {
  /**
   * Reads a copy of a chunk and returns the state of the stream after it: a promise if the chunk has to be decompressed
   * first. The next chunk waits for it.
   */
  push(chunk: Buffer): StreamPosition | Promise<StreamPosition>;
  /** True once the provider reported an error inside its stream. */
  readonly failed: boolean;
  /** Stops reading: no client waits for the answer any more and no chunk will come. Usage read so far counts. */
  stop(): void;
  /** The reading; null where the answer is of no known form. Never throws. Ends the reader. */
  end(reason: 'complete' | 'aborted'): ExtractedUsage | null;
  /** The beginning of the answer, unpacked. */
  kept(): KeptAnswer;
}

/** Reads an answer that is not compressed. */
export class PlainUsageReader implements UsageReader {
  readonly #extractor: StreamExtractor;
  readonly #finder: StreamEndFinder | null;
  readonly #keeper = new AnswerKeeper();

  /** @param events how server-sent events of this answer look; null: it is none of those */
  constructor(extractor: StreamExtractor, events: StreamForm | null) {
    this.#extractor = extractor;
    this.#finder = events === null ? null : new StreamEndFinder(events);
  }

  get failed(): boolean {
    return this.#finder?.failed ?? false;
  }

  push(chunk: Buffer): StreamPosition {
    this.#extractor.push(chunk);
    this.#keeper.push(chunk);
    return this.#finder === null ? 'running' : this.#finder.push(chunk);
  }

  stop(): void {
    // Each chunk was read when it came.
  }

  end(reason: 'complete' | 'aborted'): ExtractedUsage | null {
    try {
      return storable(this.#extractor.end(reason));
    } catch (error) {
      if (error instanceof ExtractError) return null;
      throw error;
    }
  }

  kept(): KeptAnswer {
    return this.#keeper.read();
  }
}

/** The reading without what no database can hold: half a surrogate pair in a name costs the name, not the event. */
function storable(usage: ExtractedUsage): ExtractedUsage {
  const { model, responseId, rawUsage } = usage;
  const names = [model, responseId].every((name) => name === null || unusableName(name) === null);
  const raw = findUnstorable(rawUsage, 'usage') === null;
  if (names && raw) return usage;
  const anomaly: Anomaly = {
    code: 'unusable_name',
    message:
      'The answer holds a NUL or half a surrogate pair where names and counts stand; these texts are not kept.',
  };
  const kept = (name: string | null) => (name === null || unusableName(name) !== null ? null : name);
  return {
    ...usage,
    model: kept(model),
    responseId: kept(responseId),
    rawUsage: raw ? rawUsage : null,
    anomalies: [...usage.anomalies, anomaly],
  };
}
