/** Turns the end of a call into its event and keeps the promise that every call gets one. */
import type { UsageEvent } from '../../ledger/usage-event.ts';
import type { Settle } from './outcome.ts';
import { type GatewayCall, toUsageEvent } from './recorded-call.ts';
import { withEstimate } from './token-estimate.ts';

export interface Ledger {
  /** Makes an event durable. May reject: the caller's answer is more important than our record of it. */
  readonly record: (event: UsageEvent) => Promise<void>;
  /** "Cost recording failed", with what is known. */
  readonly onRecordFailure: (unrecorded: Unrecorded, error: unknown) => void;
}

/** What is known of a call whose event could not be kept: enough to send it by hand, under the same id. */
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

/** How one call is settled. */
export function settler(call: GatewayCall, ledger: Ledger): Settle {
  return async (outcome) => {
    const tookMs = performance.now() - call.began;
    const usage = await withEstimate(call, outcome);
    const event = toUsageEvent(call, { ...outcome, usage, tookMs });
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
