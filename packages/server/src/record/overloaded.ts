/**
 * The recorder's queue or its spool is full, or the disk cannot be written. The caller may send the same events again:
 * those already kept are recognised.
 */
export class Overloaded extends Error {
  override readonly name = 'Overloaded';
  /** Whole seconds after which a retry has a chance; goes into `Retry-After`. */
  readonly retryAfterSeconds: number;
  constructor(message: string, retryAfterSeconds: number) {
    super(message);
    this.retryAfterSeconds = retryAfterSeconds;
  }
}
