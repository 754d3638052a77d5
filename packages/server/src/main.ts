/** Starts the server and stops it again: the one sequence used by the CLI, the tests and the benchmarks. */
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { installedData } from '@farthing/pricing/book';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { registerApi } from './api/register.ts';
import type { Config } from './config.ts';
import { type AppContext, createContext } from './context.ts';
import { takeDataDirLock } from './db/embedded/lock.ts';
import { openEmbedded } from './db/embedded/open.ts';
import { migrate } from './db/migrate.ts';
import { isStoreUnavailable } from './db/store-errors.ts';
import { type GatewayParts, gatewayParts } from './gateway/gateway-parts.ts';
import { gatewayRoutes } from './gateway/routes.ts';
import { apiKeyOf } from './http/credentials.ts';
import { dashboardPages, openDashboard } from './http/dashboard-pages.ts';
import { watchConnections } from './http/idle-connections.ts';
import { listen, probe } from './http/listen.ts';
import { createHttpServer } from './http/server.ts';
import { sessionSecretOf } from './http/session-cookie.ts';
import { createLog, type Log } from './log.ts';
import { overridesOf } from './price-book/override-prices.ts';
import type { Files } from './record/spool/files.ts';
import type { Identity } from './tenants/identity.ts';
import { createKnownTenants } from './tenants/known-tenants.ts';
import { registerTrpc } from './trpc/register.ts';
import type { DashboardServices } from './trpc/services.ts';

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
  readonly log?: Log;
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
  const log = options.log ?? createLog({ level: config.logLevel, secrets: secretsOf(config) });
  const closers: (() => Promise<void>)[] = [];
  let stopping: Promise<void> | null = null;
  const stop = () => {
    stopping ??= closeAll(closers, log);
    return stopping;
  };
  const { host, port: wanted } = config.http;
  const address = { host, port: wanted };
  await probe(address);
  try {
    const connectionString = await openDatabase(config, log, closers);
    await migrate({ connectionString, log });
    const { context, close } = await createContext({
      config,
      connectionString,
      prices: {
        data: installedData,
        over: overridesOf(config.priceOverrides, new Date(options.now?.() ?? Date.now())),
      },
      log,
      isDraining: () => stopping !== null,
      ...(options.now === undefined ? {} : { now: options.now }),
      ...(options.files === undefined ? {} : { files: options.files }),
    });
    closers.push(close);
    const newAdminKey = await context.tenants.ensureAdminKey(config.adminKey);
    const dashboard = await openDashboard(options.dashboard ?? DASHBOARD_FOLDER);
    const app = createHttpServer({
      dashboard,
      log,
      identify: identify(context),
      requestTimeoutMs: config.http.requestTimeoutMs,
      maxConnections: config.http.maxConnections,
      trustedProxies: config.http.trustedProxies,
      isDraining: context.isDraining,
    });
    const closeIdle = watchConnections(app.server, {
      max: config.http.maxConnections,
      trustedProxies: config.http.trustedProxies,
    });
    closers.push(() => closeHttp(app, { context, closeIdle, drainMs: config.http.drainMs }));
    await registerApi(app, context);
    await app.register(gatewayRoutes, gateway(context));
    registerTrpc(app, dashboardServices(context));
    await app.register(dashboardPages, dashboard);
    await listen(app, address);
    const { port } = app.server.address() as AddressInfo;
    const url = `http://${printable(host)}:${port}`;
    log.info(
      { url, database: config.database.url === null ? 'embedded' : 'external' },
      'Farthing is listening',
    );
    return { url, port, newAdminKey, context, app, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Who is calling: by API key, else by the session of the dashboard. */
function identify(context: AppContext): (request: FastifyRequest) => Promise<Identity | null> {
  return async (request) => {
    const key = apiKeyOf(request.headers);
    if (key !== null) return context.authenticator.verify(key);
    const session = sessionSecretOf(request, context.config.http.publicUrl);
    return session === null ? null : context.sessionAuthenticator.verify(session);
  };
}

/** What the dashboard's procedures work with. */
function dashboardServices({ db, now, agents, alerts, books, users, config }: AppContext): DashboardServices {
  const { defaultLimitPicos } = config.agents;
  return { db, now, agents, alerts, books, users, defaultLimitPicos, notice: config.http.notice };
}

/** What the gateway works with. */
function gateway(context: AppContext): GatewayParts {
  const { config, tenants, authenticator, journal, log, isDraining, now } = context;
  return gatewayParts({
    settings: config.gateway,
    rooms: context.gatewayRooms,
    adminKey: config.adminKey,
    recording: config.recording.enabled,
    tenantExists: createKnownTenants(tenants).exists,
    authenticator,
    journal,
    log,
    isDraining,
    now,
  });
}

async function openDatabase(config: Config, log: Log, closers: (() => Promise<void>)[]): Promise<string> {
  if (config.database.url !== null) {
    // The folder holds the spool and the journal: two servers in it would take each other's events.
    const lock = await takeDataDirLock(config.dataDir);
    closers.push(() => lock.release());
    return config.database.url;
  }
  const embedded = await openEmbedded({ dataDir: config.dataDir, log });
  closers.push(() => embedded.stop());
  return embedded.connectionString;
}

interface HttpClosing {
  readonly context: AppContext;
  readonly closeIdle: () => void;
  readonly drainMs: number;
}

/** Lets requests under way finish within `drainMs`, then cuts what is left. */
async function closeHttp(app: FastifyInstance, { context, closeIdle, drainMs }: HttpClosing): Promise<void> {
  context.streams.close();
  const closed = app.close();
  closeIdle();
  const cut = setTimeout(() => app.server.closeAllConnections(), drainMs);
  try {
    await closed;
  } finally {
    clearTimeout(cut);
  }
}

/** Closes in the reverse order of opening; one that fails does not keep the others from closing. */
async function closeAll(closers: (() => Promise<void>)[], log: Log): Promise<void> {
  for (const close of closers.reverse()) {
    try {
      await close();
    } catch (error) {
      log.error({ err: error, store: isStoreUnavailable(error) }, 'A part did not stop cleanly');
    }
  }
  log.info('Farthing has stopped');
  log.flush();
}

/** What must never stand in a log line, whatever wrote it. */
function secretsOf(config: Config): string[] {
  const password =
    config.database.url === null ? '' : decodeURIComponent(new URL(config.database.url).password);
  return [config.adminKey ?? '', password].filter((secret) => secret !== '');
}

const printable = (host: string): string => (host.includes(':') ? `[${host}]` : host);
