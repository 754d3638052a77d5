/** Turns the end of an attempt into its event and keeps the promise that every one gets one. */
import type { UsageEvent } from '../../ledger/usage-event.ts';
import { toUsageEvent } from './attempt-event.ts';
import type { Settle } from './outcome.ts';
import { withTokenEstimate } from './with-token-estimate.ts';

export interface Ledger {
  /** Makes an event durable. May reject: the caller's answer is more important than our record of it. */
  readonly record: (event: UsageEvent) => Promise<void>;
  /** "Cost recording failed", with what is known. */
  readonly onRecordFailure: (unrecorded: Unrecorded, error: unknown) => void;
}

/** Facts about an attempt whose event could not be stored: enough to send it manually under the same id. */
export type Unrecorded = Pick<
  UsageEvent,
  | 'id'
  | 'tenant'
  | 'time'
  | 'provider'
  | 'model'
  | 'operation'
  | 'attribution'
  | 'segments'
  | 'source'
  | 'responseId'
  | 'rawUsage'
>;

/** How attempts are settled: each becomes an event of this ledger. */
export function settler(ledger: Ledger): Settle {
  return async (attempt, outcome) => {
    const usage = await withTokenEstimate(attempt, outcome);
    const event = toUsageEvent(attempt, { ...outcome, usage });
    try {
      await ledger.record(event);
    } catch (error) {
      // The provider has charged already and the client waits: the answer goes on, the loss is said loudly.
      const { id, tenant, time, provider, model, operation } = event;
      const { attribution, segments, source, responseId, rawUsage } = event;
      ledger.onRecordFailure(
        { id, tenant, time, provider, model, operation, attribution, segments, source, responseId, rawUsage },
        error,
      );
    }
  };
}
