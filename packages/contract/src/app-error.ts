/** The one error type that carries a code of the registry; everything a caller can cause is one of these. */
import { ERROR_CODES, type ErrorCode } from './error-codes.ts';

export interface AppErrorOptions {
  /** Machine-readable particulars, safe to show to the caller. */
  readonly details?: unknown;
  /** Seconds after which a retry makes sense; becomes the header `Retry-After`. */
  readonly retryAfter?: number;
  readonly cause?: unknown;
}

/**
 * An error that is answered to the caller: a code, and a sentence that says what is wrong and what to do.
 *
 * @example throw new AppError('unknown_tenant', 'There is no tenant "acme". Create it with `farthing tenants create acme`.');
 */
export class AppError extends Error {
  override readonly name = 'AppError';
  readonly code: ErrorCode;
  readonly details: unknown;
  readonly retryAfter: number | undefined;

  constructor(code: ErrorCode, message: string, options: AppErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.details = options.details;
    this.retryAfter = options.retryAfter;
  }

  /** HTTP status of the answer. */
  get status(): number {
    return ERROR_CODES[this.code].status;
  }
}
