/** One call through the gateway, as the ledger will know it. */
import { pricedModel } from '@farthing/pricing/extract';
import { v7 } from 'uuid';
import { contentHash } from '../../ledger/content-hash.ts';
import type { Attribution, UsageEvent } from '../../ledger/usage-event.ts';
import type { MeteredPath } from '../providers/provider.ts';
import type { ReadRequest } from '../request/request-body.ts';
import type { Outcome } from './outcome.ts';

/** Everything that is known when the call goes up. */
export interface GatewayCall {
  readonly id: string;
  readonly tenant: string;
  readonly attribution: Attribution;
  /** Who answers and is owed, in the words of the price book. */
  readonly provider: string;
  readonly path: MeteredPath;
  readonly request: Pick<ReadRequest, 'model' | 'settings' | 'streams' | 'body' | 'anomalies'>;
  /** Unix milliseconds. */
  readonly startedAt: number;
  /** The same moment by `performance.now()`: the time of day may be set while the call runs. */
  readonly began: number;
}

/** How the call ended, and how long it took. */
export interface CallEnd extends Outcome {
  /** Milliseconds. */
  readonly tookMs: number;
}

/** A name for an event that nobody else can have made; in order of time, which keeps the ledger's index narrow. */
export function newCallId(): string {
  return `gw_${v7()}`;
}

/**
 * The usage event of a call, with what is known of it: an answer that was cut is `aborted`. What its usage leaves open
 * was estimated before, where that was possible.
 */
export function toUsageEvent(call: GatewayCall, end: CallEnd): UsageEvent {
  const { usage } = end;
  const event: Omit<UsageEvent, 'contentHash'> = {
    tenant: call.tenant,
    id: call.id,
    time: call.startedAt,
    door: 'gateway',
    provider: call.provider,
    requestedModel: call.request.model,
    model: pricedModel({ provider: call.provider, model: usage?.model ?? null }, call.request.model),
    operation: usage?.operation ?? call.path.operation,
    status: statusOf(end),
    latencyMs: Math.round(end.tookMs),
    traceId: null,
    spanId: null,
    responseId: usage?.responseId ?? null,
    attribution: call.attribution,
    tier: usage?.tier ?? 'standard',
    speed: usage?.speed ?? null,
    region: usage?.region ?? null,
    segments: usage?.segments ?? [],
    source: usage?.source ?? 'none',
    convention: usage?.convention ?? '',
    rawUsage: usage?.rawUsage ?? null,
    reportedCost: usage?.reportedCost ?? null,
    anomalies: [...call.request.anomalies, ...(usage?.anomalies ?? []), ...cutAnomaly(end)],
    metadata: null,
  };
  // Nobody else sends this id; the hash only has to recognise the event when the spool is replayed.
  return { ...event, contentHash: contentHash({ id: event.id, time: event.time }) };
}

function statusOf({ status, cut, failed }: CallEnd): UsageEvent['status'] {
  if (failed || (status !== null && status >= 400)) return 'error';
  if (cut !== null) return 'aborted';
  return status === null ? 'error' : 'ok';
}

function cutAnomaly(end: CallEnd): UsageEvent['anomalies'] {
  if (end.cut === 'client') {
    return [{ code: 'client_disconnected', message: 'The client went away before the answer was whole.' }];
  }
  if (end.cut === 'upstream') {
    return [{ code: 'upstream_cut', message: 'The provider broke the answer off before it was whole.' }];
  }
  return [];
}
