/** Facts known of an answer before its first byte: the request, its provider, and the answer's head. */
import { billingHeaders, type ExtractHint } from '@farthing/pricing/extract';
import { headerPairs } from '../headers/forwarded-headers.ts';
import type { RecordedAttempt } from '../recording/recorded-attempt.ts';
import type { AnswerHead } from './answer-head.ts';

/** The hint by which an answer is read for its usage. */
export function hintOf(
  { provider, url, surface, request }: RecordedAttempt,
  { status, headers }: AnswerHead,
): ExtractHint {
  return {
    provider,
    url,
    headers: billingHeaders(headerPairs(headers)),
    surface: surface.name,
    operation: surface.operation,
    status,
    request: request.settings,
    ...(request.model === null ? {} : { requestModel: request.model }),
  };
}
