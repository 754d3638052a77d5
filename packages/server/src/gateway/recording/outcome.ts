/** How an attempt ended. */
import type { ExtractedUsage } from '@farthing/pricing';
import type { KeptAnswer } from '../../tokens/token-estimate.ts';
import type { RecordedAttempt } from './recorded-attempt.ts';

export interface AttemptOutcome {
  /** HTTP status of the provider; null = it never answered. */
  readonly status: number | null;
  /** The reading of the answer; null where there was nothing to read. */
  readonly usage: ExtractedUsage | null;
  /** Reads what was kept of the answer, for an estimate; null where there was none. */
  readonly kept: (() => KeptAnswer) | null;
  /** The client or the provider went away before the answer was whole. */
  readonly cut: 'client' | 'upstream' | null;
  /** The provider reported an error inside a stream that had begun well. */
  readonly failed: boolean;
  /** Milliseconds since it began. */
  readonly tookMs: number;
}

/**
 * Makes the event durable. Called exactly once per attempt of a recorded call, also when it fails. Never rejects: the
 * caller's answer is more important than our record of it.
 */
export type Settle = (attempt: RecordedAttempt, outcome: AttemptOutcome) => Promise<void>;
