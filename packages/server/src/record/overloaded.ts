/** The recorder's queue or its spool is full. Nothing of the refused call was kept: the caller may send it again. */
export class Overloaded extends Error {
  override readonly name = 'Overloaded';
  /** Whole seconds after which a retry has a chance; goes into `Retry-After`. */
  readonly retryAfterSeconds: number;
  constructor(message: string, retryAfterSeconds: number) {
    super(message);
    this.retryAfterSeconds = retryAfterSeconds;
  }
}
