/** A meter whose faults cost the reading and never the answer: it is passed on as it is, and the log says so. */
import type { ExtractedUsage } from '@farthing/pricing';
import type { KeptAnswer } from '../../tokens/estimate.ts';
import type { StreamPosition } from './stream-end.ts';
import type { Meter } from './usage-reader.ts';

const NOTHING_KEPT: KeptAnswer = { text: '', share: 1 };

export class GuardedMeter implements Meter {
  #meter: Meter | null;
  readonly #onFault: (error: unknown) => void;

  /** @param onFault told once, with the first fault; nothing is read after it */
  constructor(meter: Meter, onFault: (error: unknown) => void) {
    this.#meter = meter;
    this.#onFault = onFault;
  }

  get failed(): boolean {
    return this.#read((meter) => meter.failed, false);
  }

  push(chunk: Buffer): StreamPosition | Promise<StreamPosition> {
    return this.#read<StreamPosition | Promise<StreamPosition>>((meter) => meter.push(chunk), 'running');
  }

  stop(): void {
    this.#read((meter) => meter.stop(), undefined);
  }

  end(reason: 'complete' | 'aborted'): ExtractedUsage | null {
    return this.#read<ExtractedUsage | null>((meter) => meter.end(reason), null);
  }

  kept(): KeptAnswer {
    return this.#read((meter) => meter.kept(), NOTHING_KEPT);
  }

  #read<Answer>(ask: (meter: Meter) => Answer, without: Answer): Answer {
    if (this.#meter === null) return without;
    try {
      return ask(this.#meter);
    } catch (error) {
      this.#meter = null;
      this.#onFault(error);
      return without;
    }
  }
}
