/** The one place where errors become answers. Nothing internal reaches the caller; everything internal is logged. */
import { AppError, type ErrorBody, type ErrorCode } from '@farthing/contract';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { isStoreUnavailable } from '../db/store-errors.ts';
import { afterBody } from './bodies/unread-body.ts';

/** Fastify's own errors, in our words. */
const FRAMEWORK_ERRORS: { readonly [code: string]: readonly [ErrorCode, string] } = {
  FST_ERR_CTP_BODY_TOO_LARGE: [
    'body_too_large',
    'The body is larger than this route takes: send smaller batches.',
  ],
  FST_ERR_CTP_INVALID_MEDIA_TYPE: [
    'unsupported_media_type',
    'This route does not take that Content-Type: send application/json.',
  ],
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: [
    'bad_request',
    'The body is shorter or longer than its Content-Length says.',
  ],
  FST_ERR_CTP_EMPTY_JSON_BODY: ['invalid_json', 'The body is empty where JSON was announced.'],
  FST_ERR_CTP_INVALID_JSON_BODY: ['invalid_json', 'The body is not valid JSON.'],
  FST_ERR_BAD_URL: ['bad_request', 'The URL is not valid: a percent sign must begin an escape such as %20.'],
  FST_ERR_MAX_PARAM_LENGTH: ['invalid_parameter', 'A part of the path is too long.'],
  FST_ERR_HANDLER_TIMEOUT: [
    'overloaded',
    'The answer took too long to make: try again later or ask for less.',
  ],
};

/** An error as the caller sees it. */
interface Answer {
  readonly status: number;
  readonly code: ErrorCode;
  readonly message: string;
  readonly details?: unknown;
  readonly retryAfter?: number | undefined;
}

/** Fastify's error handler. */
export function answerError(error: unknown, request: FastifyRequest, reply: FastifyReply): void {
  const answer = toAnswer(error);
  if (answer.status >= 500) {
    const level = answer.code === 'internal' ? 'error' : 'warn';
    request.log[level](
      { err: error, code: answer.code, method: request.method, route: request.routeOptions.url },
      'Request failed',
    );
  }
  if (answer.retryAfter !== undefined) reply.header('retry-after', String(answer.retryAfter));
  if (answer.status === 401) reply.header('www-authenticate', 'Bearer realm="farthing"');
  const error_ = {
    code: answer.code,
    message: answer.message,
    request_id: request.id,
    ...(answer.details === undefined ? {} : { details: answer.details }),
  };
  reply.code(answer.status).header('content-type', 'application/json; charset=utf-8');
  const send = () => reply.send(JSON.stringify({ success: false, error: error_ } satisfies ErrorBody));
  const { raw } = request;
  // The connection ends with the answer: a client that is still sending would be reset before it has read it.
  if (raw.complete === false && reply.getHeader('connection') === 'close') afterBody(raw, send);
  else send();
}

/** An error as the caller sees it; unknown ones are `internal` without details. */
export function toAnswer(error: unknown): Answer {
  if (error instanceof AppError) {
    const { status, code, message, details, retryAfter } = error;
    return { status, code, message, details, retryAfter };
  }
  if (isStoreUnavailable(error)) {
    return {
      status: 503,
      code: 'store_unavailable',
      message: 'The database does not answer at the moment. Nothing was changed; try again shortly.',
      retryAfter: 2,
    };
  }
  const known = FRAMEWORK_ERRORS[codeOf(error)];
  if (known !== undefined) {
    const own = new AppError(known[0], known[1]);
    return {
      status: own.status,
      code: own.code,
      message: own.message,
      ...(own.status === 503 ? { retryAfter: 5 } : {}),
    };
  }
  const status = statusOf(error);
  if (status >= 400 && status < 500) {
    return { status: 400, code: 'bad_request', message: 'The request could not be read.' };
  }
  return {
    status: 500,
    code: 'internal',
    message: 'Something went wrong on our side. The log has the particulars under this request_id.',
  };
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '';
}

function statusOf(error: unknown): number {
  return error instanceof Error && 'statusCode' in error && typeof error.statusCode === 'number'
    ? error.statusCode
    : 500;
}
