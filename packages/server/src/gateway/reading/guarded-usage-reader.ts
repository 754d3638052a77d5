/**
 * A reader whose faults lose the reading but never the answer: the answer is passed on unchanged, and the fault is
 * logged.
 */
import type { ExtractedUsage } from '@farthing/pricing';
import type { StreamPosition } from '@farthing/pricing/extract';
import type { KeptAnswer } from '../../tokens/token-estimate.ts';
import type { UsageReader } from './usage-reader.ts';

const NOTHING_KEPT: KeptAnswer = { text: '', share: 1 };

export class GuardedUsageReader implements UsageReader {
  #reader: UsageReader | null;
  readonly #onFault: (error: unknown) => void;

  /** @param onFault called once, with the first fault; nothing is read after it */
  constructor(reader: UsageReader, onFault: (error: unknown) => void) {
    this.#reader = reader;
    this.#onFault = onFault;
  }

  get failed(): boolean {
    return this.#read((reader) => reader.failed, false);
  }

  push(chunk: Buffer): StreamPosition | Promise<StreamPosition> {
    return this.#read<StreamPosition | Promise<StreamPosition>>((reader) => reader.push(chunk), 'running');
  }

  stop(): void {
    this.#read((reader) => reader.stop(), undefined);
  }

  end(reason: 'complete' | 'aborted'): ExtractedUsage | null {
    return this.#read<ExtractedUsage | null>((reader) => reader.end(reason), null);
  }

  kept(): KeptAnswer {
    return this.#read((reader) => reader.kept(), NOTHING_KEPT);
  }

  #read<Answer>(ask: (reader: UsageReader) => Answer, without: Answer): Answer {
    if (this.#reader === null) return without;
    try {
      return ask(this.#reader);
    } catch (error) {
      this.#reader = null;
      this.#onFault(error);
      return without;
    }
  }
}
