/** What is known of a metered call on its way: what was asked of whom, and how it is settled. */
import { billingHeaders, type ExtractHint } from '@farthing/pricing/extract';
import type { AnswerHead } from '../attempt/answer-head.ts';
import { headerPairs } from '../headers.ts';
import type { MeteredPath } from '../providers/provider.ts';
import type { ReadRequest } from '../request/request-body.ts';
import type { Settle } from './outcome.ts';

/** What is needed to read an answer for its usage. */
export interface Metering {
  /** The id under which the call will stand in the ledger. */
  readonly eventId: string;
  /** Who answers, in the words of the price book. */
  readonly providerId: string;
  /** Where the request goes, without query: host and path may decide the price. */
  readonly url: string;
  readonly path: MeteredPath;
  readonly request: ReadRequest;
  readonly settle: Settle;
}

/** What is known of an answer before its first byte: what was asked of whom, and what its head says. */
export function hintOf(
  { providerId, url, path, request }: Metering,
  { status, headers }: AnswerHead,
): ExtractHint {
  return {
    provider: providerId,
    url,
    headers: billingHeaders(headerPairs(headers)),
    surface: path.surface,
    operation: path.operation,
    status,
    request: request.settings,
    ...(request.model === null ? {} : { requestModel: request.model }),
  };
}
