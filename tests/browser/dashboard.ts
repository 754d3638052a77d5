/** A whole server with its dashboard, a stand-in for the providers, and visitors in a real browser. */
import { mkdtemp, rm } from 'node:fs/promises';
import net from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import type { UsageEventInput } from '@farthing/contract';
import { type Browser, type BrowserContextOptions, chromium } from 'playwright-core';
import { inject } from 'vitest';
import { startFakeProvider } from '../../packages/cli/src/demo/fake-provider/index.ts';
import { loadConfig } from '../../packages/server/src/config.ts';
import { pickEnv } from '../../packages/server/src/env.ts';
import { createLog } from '../../packages/server/src/log.ts';
import { type RunningServer, startServer } from '../../packages/server/src/main.ts';
import type { SessionScope } from '../../packages/server/src/tenants/sessions/login-link-store.ts';
import { createTestDatabase } from '../postgres/test-database.ts';
import type { BrowserAnswer } from './global-setup.ts';
import { type Visit, visit } from './visit.ts';

export const ADMIN_KEY = 'an admin key of the browser tests, long enough';

export interface Dashboard {
  readonly url: string;
  readonly server: RunningServer;
  /** Records events through the public API, with the admin key; throws unless each was taken. Returns their costs. */
  record(events: readonly Partial<UsageEventInput>[]): Promise<(string | null)[]>;
  /** One chat call through the gateway; resolves when its answer has ended. */
  call(attribution: Record<string, string>, model?: string): Promise<void>;
  /** What a tRPC query answers to the admin key, or to `headers`. */
  ask(path: string, input?: unknown, headers?: Record<string, string>): Promise<Response>;
  /** A one-time link. */
  loginLink(scope?: SessionScope): Promise<string>;
  /** A new visitor with a browser profile of their own; not signed in. */
  visit(options?: BrowserContextOptions): Promise<Visit>;
  /** A new visitor who opened a one-time link. */
  signIn(options?: BrowserContextOptions, scope?: SessionScope): Promise<Visit>;
  /** Stops the server and starts it again on the same port and database. */
  restart(whileAway?: () => Promise<void>): Promise<void>;
  stop(): Promise<void>;
}

/** Starts a dashboard with the tenants `acme` and `globex`, both on UTC; `env` overrides settings. */
export async function startDashboard(env: Record<string, string> = {}): Promise<Dashboard> {
  const shared = await askGate();
  const { connectionString, drop } = await createTestDatabase();
  const dataDir = await mkdtemp(join(tmpdir(), 'farthing-browser-'));
  const provider = await startFakeProvider({ live: true });
  const browser = await chromium.connect(shared.endpoint);
  const start = (port: number) => {
    const config = loadConfig(
      pickEnv({
        PORT: String(port),
        DATABASE_URL: connectionString,
        FARTHING_DATA_DIR: dataDir,
        FARTHING_ADMIN_KEY: ADMIN_KEY,
        FARTHING_LOG_LEVEL: 'warn',
        FARTHING_OPENAI_BASE_URL: provider.url,
        FARTHING_ANTHROPIC_BASE_URL: provider.url,
        ...env,
      }),
    );
    const log = createLog({ level: config.logLevel, secrets: [], stream: { write: () => undefined } });
    return startServer(config, { log, dashboard: shared.dashboard });
  };
  let server = await start(0);
  const { url, port } = server;
  for (const id of ['acme', 'globex']) await server.context.tenants.createTenant({ id }, 'test');
  const visits: Visit[] = [];

  const dashboard: Dashboard = {
    url,
    get server() {
      return server;
    },
    record: (events) => record(url, events),
    call: (attribution, model = 'gpt-5-mini') => callGateway(url, attribution, model),
    ask: (path, input, headers = { authorization: `Bearer ${ADMIN_KEY}` }) =>
      fetch(
        `${url}/trpc/${path}${input === undefined ? '' : `?input=${encodeURIComponent(JSON.stringify(input))}`}`,
        { headers },
      ),
    loginLink: async (scope = { role: 'admin' }) =>
      `${url}/login?token=${await server.context.sessions.createLink(scope, 'test')}`,
    async visit(options = {}) {
      const one = await newVisit(browser, url, options);
      visits.push(one);
      return one;
    },
    async signIn(options, scope) {
      const one = await dashboard.visit(options);
      await one.page.goto(await dashboard.loginLink(scope));
      return one;
    },
    async restart(whileAway) {
      await server.stop();
      await whileAway?.();
      server = await start(port);
    },
    async stop() {
      for (const one of visits) await one.close();
      await browser.close();
      await server.stop();
      await provider.close();
      await drop();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
  return dashboard;
}

function newVisit(browser: Browser, url: string, options: BrowserContextOptions): Promise<Visit> {
  return visit(browser, {
    baseURL: url,
    viewport: { width: 1440, height: 900 },
    timezoneId: 'Europe/Berlin',
    locale: 'en-GB',
    reducedMotion: 'reduce',
    ...options,
  });
}

async function record(url: string, events: readonly Partial<UsageEventInput>[]): Promise<(string | null)[]> {
  const response = await fetch(`${url}/api/usage/events`, {
    method: 'POST',
    headers: { authorization: `Bearer ${ADMIN_KEY}`, 'content-type': 'application/json' },
    body: JSON.stringify(events),
  });
  const answer = (await response.json()) as {
    data?: { results: { status: string; cost_usd?: string | null }[] };
  };
  const results = answer.data?.results ?? [];
  if (results.length !== events.length || results.some(({ status }) => status !== 'accepted'))
    throw new Error(`not every event was taken: ${JSON.stringify(answer).slice(0, 500)}`);
  return results.map((result) => result.cost_usd ?? null);
}

async function callGateway(url: string, attribution: Record<string, string>, model: string): Promise<void> {
  const named = Object.entries(attribution).map(([name, value]) => [`x-farthing-${name}`, value]);
  const response = await fetch(`${url}/gateway/openai/v1/chat/completions`, {
    method: 'POST',
    headers: {
      authorization: 'Bearer any',
      'content-type': 'application/json',
      'x-farthing-key': ADMIN_KEY,
      ...Object.fromEntries(named),
    },
    body: JSON.stringify({ model, messages: [{ role: 'user', content: 'Say hello' }] }),
  });
  await response.arrayBuffer();
  if (!response.ok) throw new Error(`the gateway answered ${response.status}`);
}

async function askGate(): Promise<{ readonly endpoint: string; readonly dashboard: string }> {
  const socket = net.connect(Number(inject('browserGate')), '127.0.0.1');
  const { endpoint, dashboard, error } = JSON.parse(await text(socket)) as BrowserAnswer;
  if (endpoint === undefined || dashboard === undefined) throw new Error(`No browser: ${error}`);
  return { endpoint, dashboard };
}
