/** Facts about an attempt for the ledger: known when it is sent, and kept until its end. */
import type { Surface } from '@farthing/pricing/extract';
import { v7 } from 'uuid';
import type { EventAttribution } from '../../ledger/usage-event.ts';
import type { Call, Start } from '../call.ts';
import type { ReadRequest } from '../request/read-request.ts';

export interface RecordedAttempt {
  /** The id of its event in the ledger. */
  readonly id: string;
  readonly tenant: string;
  readonly attribution: EventAttribution;
  /** The provider that answers and bills, as the price book names it. */
  readonly provider: string;
  /** URL of the request without query: host and path may decide the price. */
  readonly url: string;
  /** The request as the provider's form reads it. */
  readonly surface: Surface;
  readonly request: ReadRequest;
  readonly start: Start;
}

/**
 * Describes an attempt of a call; null where the call leaves no event.
 *
 * @param start the first attempt began with the call: reading the request is part of its time
 */
export function recordedAttempt(
  { recorded, request, provider, caller, target }: Call,
  start: Start | undefined = recorded?.start,
): RecordedAttempt | null {
  if (recorded === null || request === null || start === undefined) return null;
  const { base } = provider;
  return {
    id: newEventId(),
    tenant: caller.tenant,
    attribution: caller.attribution,
    provider: base.answeredBy,
    url: `${base.origin}${base.prefix}${target.pathname}`,
    surface: recorded.match.surface,
    request,
    start,
  };
}

/** A unique event id. Ids ascend with time, which keeps the ledger's index narrow. */
function newEventId(): string {
  return `gw_${v7()}`;
}
