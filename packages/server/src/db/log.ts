/** What the ground says while it works. */

/** Structured log sink, shaped like pino's. */
export interface Log {
  info(details: object, message: string): void;
  warn(details: object, message: string): void;
  error(details: object, message: string): void;
}
