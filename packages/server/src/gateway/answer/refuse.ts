/** The gateway's own answers: a refusal in the provider's shape, on a connection that stays usable or ends cleanly. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { AppError } from '@farthing/contract';
import type { ProviderForm } from '@farthing/pricing/extract';
import { isStoreUnavailable } from '../../db/store-errors.ts';
import { afterBody } from '../../http/bodies/unread-body.ts';
import { RejectionError } from '../../tenants/attribution/rejection-error.ts';
import { UpstreamUnreachableError } from '../attempt/faults.ts';
import type { GatewayProvider } from '../providers/gateway-provider.ts';

/** The error for the caller; null if the fault is ours. */
export function asRefusal(error: unknown, provider: GatewayProvider): AppError | null {
  if (error instanceof AppError) return error;
  if (error instanceof RejectionError) return error.toAppError();
  if (error instanceof UpstreamUnreachableError) return unanswered(error, provider);
  if (isStoreUnavailable(error)) {
    return new AppError('store_unavailable', 'the key cannot be checked at the moment; try again shortly.', {
      retryAfter: 2,
    });
  }
  return null;
}

function unanswered({ kind }: UpstreamUnreachableError, { id }: GatewayProvider): AppError {
  switch (kind) {
    case 'timeout':
      return new AppError('upstream_timeout', `${id} did not answer in time.`);
    case 'broken':
      return new AppError('upstream_unreachable', `${id} gave an answer that cannot be passed on.`);
    case 'unsendable':
      return new AppError('bad_request', 'the request has a header or a path that cannot be sent on.');
    case 'unreachable':
      return new AppError('upstream_unreachable', `${id} could not be reached.`);
  }
}

export interface GatewayRefusal {
  /** The provider's form, which gives the error its shape. */
  readonly form: ProviderForm;
  readonly error: AppError;
  readonly requestId: string;
}

/** Answers with a refusal; an answer that has begun is broken off instead. */
export function refuse(
  incoming: IncomingMessage,
  response: ServerResponse,
  { form, error, requestId }: GatewayRefusal,
): void {
  if (response.headersSent || response.destroyed) {
    response.destroy();
    return;
  }
  const { code, status, message } = error;
  const { contentType, body, headers: own } = form.refuse({ code, status, message, requestId });
  const headers = [
    'content-type',
    contentType,
    'content-length',
    String(Buffer.byteLength(body)),
    'x-request-id',
    requestId,
    ...Object.entries(own).flat(),
  ];
  if (error.retryAfter !== undefined) headers.push('retry-after', String(error.retryAfter));
  // The unread rest of a refused body would be parsed as the next request.
  if (!incoming.complete || error.code === 'shutting_down') headers.push('connection', 'close');
  // A failed attempt to write a head may have set its reason phrase, which may be the invalid part.
  response.statusMessage = '';
  response.writeHead(error.status, headers);
  response.write(body);
  afterBody(incoming, () => response.end());
}
