/** Starts the server and stops it again: the one sequence used by the CLI, the tests and the benchmarks. */
import type { Config } from './config.ts';
import type { AppContext } from './context.ts';

export interface RunningServer {
  /** Where it listens, with the real port: `http://127.0.0.1:4141`. */
  readonly url: string;
  readonly port: number;
  /** The admin key made at this start, to be shown once; null when there was one before. */
  readonly newAdminKey: string | null;
  readonly context: AppContext;
  /**
   * Stops accepting, finishes what was accepted, closes streams, makes everything durable, stops the embedded
   * PostgreSQL if this process started it. Safe to call twice.
   */
  stop(): Promise<void>;
}

/** Starts everything in order: database, migrations, keys, recorder, HTTP. Rejects with a sentence that says what to do. */
export declare function startServer(config: Config): Promise<RunningServer>;
