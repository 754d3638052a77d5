/** Errors for input that cannot be read at all; contradictions inside a readable response are anomalies instead. */

export type ExtractErrorCode = 'unknown_provider' | 'unrecognised_body' | 'invalid_event';

export class ExtractError extends Error {
  override readonly name = 'ExtractError';
  readonly code: ExtractErrorCode;
  constructor(code: ExtractErrorCode, message: string) {
    super(message);
    this.code = code;
  }
}
