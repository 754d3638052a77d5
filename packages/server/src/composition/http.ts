/** HTTP over everything else: the server, its routes, and the address it listens on. */
import type { AddressInfo } from 'node:net';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { registerApi } from '../api/register.ts';
import type { AppContext } from '../context.ts';
import { type GatewayParts, gatewayParts } from '../gateway/gateway-parts.ts';
import { gatewayRoutes } from '../gateway/routes.ts';
import { apiKeyOf } from '../http/callers/credentials.ts';
import { sessionSecretOf } from '../http/callers/session-cookie.ts';
import { dashboardPages, openDashboard } from '../http/dashboard-pages.ts';
import { watchConnections } from '../http/idle-connections.ts';
import { listen } from '../http/listen.ts';
import { createHttpServer } from '../http/server.ts';
import type { Identity } from '../tenants/identity.ts';
import { registerTrpc } from '../trpc/register.ts';
import type { DashboardServices } from '../trpc/services.ts';
import type { Opening } from './opening.ts';

/** A server that listens. */
export interface Listening {
  readonly app: FastifyInstance;
  /** The real port, also if any free one was requested. */
  readonly port: number;
}

/** Opens HTTP, registers every route and listens. `dashboardFolder` holds the built dashboard, or does not exist. */
export async function openHttp(
  opening: Opening,
  context: AppContext,
  dashboardFolder: string,
): Promise<Listening> {
  const { http } = context.config;
  const dashboard = await openDashboard(dashboardFolder);
  const { app } = await opening.part(
    'HTTP',
    () => {
      const server = createHttpServer({
        dashboard,
        log: context.log,
        identify: identify(context),
        requestTimeoutMs: http.requestTimeoutMs,
        maxConnections: http.maxConnections,
        trustedProxies: http.trustedProxies,
        isDraining: context.isDraining,
      });
      const bounds = { max: http.maxConnections, trustedProxies: http.trustedProxies };
      return { app: server, closeIdle: watchConnections(server.server, bounds) };
    },
    (part) => closeHttp(part, context),
  );
  await registerApi(app, context);
  await app.register(gatewayRoutes, gateway(context));
  registerTrpc(app, dashboardServices(context));
  await app.register(dashboardPages, dashboard);
  await listen(app, { host: http.host, port: http.port });
  const { port } = app.server.address() as AddressInfo;
  return { app, port };
}

interface Closing {
  readonly app: FastifyInstance;
  readonly closeIdle: () => void;
}

/** Ends the streams, lets running requests finish within `drainMs`, then cuts the rest. */
async function closeHttp({ app, closeIdle }: Closing, { streams, config }: AppContext): Promise<void> {
  streams.close();
  const closed = app.close();
  closeIdle();
  const cut = setTimeout(() => app.server.closeAllConnections(), config.http.drainMs);
  try {
    await closed;
  } finally {
    clearTimeout(cut);
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

/** Services of the dashboard's procedures. */
function dashboardServices({ db, now, users, config }: AppContext): DashboardServices {
  return { db, now, users, notice: config.http.notice };
}

/** Parts that the gateway works with. */
function gateway(context: AppContext): GatewayParts {
  const { config, knownTenants, authenticator, journal, log, isDraining, now } = context;
  return gatewayParts({
    settings: config.gateway,
    rooms: context.gatewayRooms,
    adminKey: config.adminKey,
    recording: config.recording.enabled,
    tenantExists: knownTenants.exists,
    authenticator,
    journal,
    log,
    isDraining,
    now,
  });
}
