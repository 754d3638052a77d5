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
  /** Where it listens, with the real port: `http://127.0.0.1:4141`. */
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

/** Where `npm start` builds the dashboard. */
const DASHBOARD_FOLDER = fileURLToPath(new URL('../../web/dist/', import.meta.url));

export interface StartOptions {
  /** Where log lines go; stdout where absent. */
  readonly log?: ServerLog;
  /** Unix milliseconds; the clock of the machine where absent. */
  readonly now?: () => number;
  /** The disk under spool and journal; this machine's where absent. */
  readonly files?: Files;
  /** Where the built dashboard lies; where `npm start` builds it where absent. */
  readonly dashboard?: string;
}

/**
 * Starts everything in order, once the port is seen to be free: database, migrations, keys, recorder, HTTP. What was
 * started is stopped again when a later step fails; the error says what to do.
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

/** What must never stand in a log line, whatever wrote it. */
function secretsOf(config: Config): string[] {
  const password =
    config.database.url === null ? '' : decodeURIComponent(new URL(config.database.url).password);
  return [config.adminKey ?? '', password].filter((secret) => secret !== '');
}

const printable = (host: string): string => (host.includes(':') ? `[${host}]` : host);
