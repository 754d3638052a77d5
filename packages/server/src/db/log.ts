/** Log messages of the database layer. */

/** Structured log sink, shaped like pino's. */
export interface Log {
  info(details: object, message: string): void;
  warn(details: object, message: string): void;
  error(details: object, message: string): void;
}
