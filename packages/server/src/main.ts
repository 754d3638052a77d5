/** Starts the server and stops it again: the one sequence used by the CLI, the tests and the benchmarks. */
import { fileURLToPath } from 'node:url';
import type { FastifyInstance } from 'fastify';
import { openServer } from './composition/open-server.ts';
import { openTogether } from './composition/opening.ts';
import type { Config } from './config.ts';
import type { AppContext } from './context.ts';
import { isStoreUnavailable } from './db/store-errors.ts';
import { probe } from './http/listen.ts';
import { createLog, type ServerLog } from './log.ts';
import type { Files } from './record/spool/files.ts';

export interface RunningServer {
  /** The address it listens on, with the real port: `http://127.0.0.1:4141`. */
  readonly url: string;
  readonly port: number;
  /** The admin key made at this start, to be shown once; null when there was one before. */
  readonly newAdminKey: string | null;
  readonly context: AppContext;
  /** For `inject()` in tests. */
  readonly app: FastifyInstance;
  /**
   * Stops accepting, finishes what was accepted, closes streams, makes everything durable, stops the embedded
   * PostgreSQL if this process started it. Safe to call twice.
   */
  stop(): Promise<void>;
}

/** Folder into which `npm start` builds the dashboard. */
const DASHBOARD_FOLDER = fileURLToPath(new URL('../../web/dist/', import.meta.url));

export interface StartOptions {
  /** The destination of log lines; stdout if absent. */
  readonly log?: ServerLog;
  /** Unix milliseconds; the clock of the machine where absent. */
  readonly now?: () => number;
  /** The disk under spool and journal; this machine's where absent. */
  readonly files?: Files;
  /** Folder of the built dashboard; by default the one that `npm start` builds into. */
  readonly dashboard?: string;
}

/**
 * Starts everything in order, after checking that the port is free: database, migrations, keys, recorder, HTTP. If a
 * step fails, the parts already started are stopped again; the error says what to do.
 *
 * @example const server = await startServer(loadConfig(readEnv()));
 */
export async function startServer(config: Config, options: StartOptions = {}): Promise<RunningServer> {
  const { now = Date.now, files, dashboard = DASHBOARD_FOLDER } = options;
  const log = options.log ?? createLog({ level: config.logLevel, secrets: secretsOf(config) });
  const { host, port: wanted } = config.http;
  await probe({ host, port: wanted });
  const surroundings = { config, log, now, ...(files === undefined ? {} : { files }) };
  const { whole, close } = await openTogether(
    async (opening) => {
      const opened = await openServer(opening, { ...surroundings, dashboardFolder: dashboard });
      const url = `http://${printable(host)}:${opened.port}`;
      const database = config.database.url === null ? 'embedded' : 'external';
      log.info({ url, database }, 'Farthing is listening');
      return { ...opened, url };
    },
    {
      onFailure: (part, error) =>
        log.error({ part, err: error, store: isStoreUnavailable(error) }, 'A part did not stop cleanly'),
      onClosed: () => {
        log.info('Farthing has stopped');
        log.flush();
      },
    },
  );
  return { ...whole, stop: close };
}

/** Secrets that must never be in a log line, whichever part wrote it. */
function secretsOf(config: Config): string[] {
  const password =
    config.database.url === null ? '' : decodeURIComponent(new URL(config.database.url).password);
  return [config.adminKey ?? '', password].filter((secret) => secret !== '');
}

const printable = (host: string): string => (host.includes(':') ? `[${host}]` : host);
