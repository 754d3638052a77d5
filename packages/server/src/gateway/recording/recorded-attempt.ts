/** What the ledger will know of one attempt: known when it goes up, and kept until it is over. */
import type { Surface } from '@farthing/pricing/extract';
import { v7 } from 'uuid';
import type { EventAttribution } from '../../ledger/usage-event.ts';
import type { Call, Start } from '../call.ts';
import type { ReadRequest } from '../request/read-request.ts';

export interface RecordedAttempt {
  /** The id under which it will stand in the ledger. */
  readonly id: string;
  readonly tenant: string;
  readonly attribution: EventAttribution;
  /** Who answers and is owed, in the words of the price book. */
  readonly provider: string;
  /** Where the request goes, without query: host and path may decide the price. */
  readonly url: string;
  /** What was asked for, in the words of the provider's form. */
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

/** A name for an event that nobody else can have made; in order of time, which keeps the ledger's index narrow. */
function newEventId(): string {
  return `gw_${v7()}`;
}
