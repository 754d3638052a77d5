/** An attempt that is over, as the ledger knows it: one usage event. */
import { pricedModel } from '@farthing/pricing/extract';
import { contentHash } from '../../ledger/content-hash.ts';
import type { UsageEvent } from '../../ledger/usage-event.ts';
import type { AttemptOutcome } from './outcome.ts';
import type { RecordedAttempt } from './recorded-attempt.ts';

/**
 * The usage event of an attempt. A cut answer is `aborted`. Missing usage was estimated before, where possible.
 */
export function toUsageEvent(attempt: RecordedAttempt, end: AttemptOutcome): UsageEvent {
  const { usage } = end;
  const event: Omit<UsageEvent, 'contentHash'> = {
    tenant: attempt.tenant,
    id: attempt.id,
    time: attempt.start.at,
    door: 'gateway',
    provider: attempt.provider,
    requestedModel: attempt.request.model,
    model: pricedModel({ provider: attempt.provider, model: usage?.model ?? null }, attempt.request.model),
    operation: usage?.operation ?? attempt.surface.operation,
    status: statusOf(end),
    latencyMs: Math.round(end.tookMs),
    traceId: null,
    spanId: null,
    responseId: usage?.responseId ?? null,
    attribution: attempt.attribution,
    tier: usage?.tier ?? 'standard',
    speed: usage?.speed ?? null,
    region: usage?.region ?? null,
    segments: usage?.segments ?? [],
    source: usage?.source ?? 'none',
    convention: usage?.convention ?? '',
    rawUsage: usage?.rawUsage ?? null,
    reportedCost: usage?.reportedCost ?? null,
    anomalies: [...attempt.request.anomalies, ...(usage?.anomalies ?? []), ...cutAnomaly(end)],
    metadata: null,
  };
  // No caller sends this id; the hash only has to recognise the event when the spool is replayed.
  return { ...event, contentHash: contentHash({ id: event.id, time: event.time }) };
}

function statusOf({ status, cut, failed }: AttemptOutcome): UsageEvent['status'] {
  if (failed || (status !== null && status >= 400)) return 'error';
  if (cut !== null) return 'aborted';
  return status === null ? 'error' : 'ok';
}

function cutAnomaly(end: AttemptOutcome): UsageEvent['anomalies'] {
  if (end.cut === 'client') {
    return [{ code: 'client_disconnected', message: 'The client went away before the answer was whole.' }];
  }
  if (end.cut === 'upstream') {
    return [{ code: 'upstream_cut', message: 'The provider broke the answer off before it was whole.' }];
  }
  return [];
}
