/** A refused item, with the reason for its sender. */
import { AppError, type ErrorCode } from '@farthing/contract';

/** Thrown while one item is read; never ends a batch. */
export class RejectionError extends Error {
  override readonly name = 'RejectionError';
  readonly code: ErrorCode;
  /** Dotted path inside the item, `usage.prompt_tokens`; null = the item as a whole. */
  readonly path: string | null;

  constructor(code: ErrorCode, message: string, path: string | null = null) {
    super(message);
    this.code = code;
    this.path = path;
  }

  /** The same as the error of a whole request. */
  toAppError(): AppError {
    return asAppError({ code: this.code, message: this.message, path: this.path ?? undefined });
  }
}

/** Turns the rejection of a request's only item into the error of the request: `details` is a list, as everywhere. */
export function asAppError({
  code,
  message,
  path,
}: {
  readonly code: ErrorCode;
  readonly message: string;
  readonly path?: string | undefined;
}): AppError {
  return new AppError(code, message, path === undefined ? {} : { details: [{ path, message }] });
}
