/** A whole server with a stopped clock and a small ledger whose costs are known to the last digit. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadConfig } from '../../packages/server/src/config.ts';
import { pickEnv } from '../../packages/server/src/env.ts';
import { createLog } from '../../packages/server/src/log.ts';
import { type RunningServer, startServer } from '../../packages/server/src/main.ts';
import { createTestDatabase } from '../postgres/test-database.ts';

/** 14:07 in Berlin, 18:52 in Kathmandu. */
export const NOW = Date.parse('2026-11-22T13:07:33.000Z');
const ADMIN_KEY = 'an admin key of the tests, long enough';

/** `<tenant>` is a member of it; the others are what their names say. */
export type Who = 'admin' | 'acme' | 'globex' | 'acme-viewer' | 'acme-ingest' | 'acme-tenant_admin';

export interface ApiAnswer {
  readonly status: number;
  // biome-ignore lint/suspicious/noExplicitAny: tests look into answers of every route
  readonly body: any;
  /** Where the digits of amounts still are. */
  readonly text: string;
}

export interface ApiServer {
  readonly server: RunningServer;
  /** Of its database, as the owning role. */
  readonly connectionString: string;
  /** Log lines, parsed. */
  readonly log: () => readonly Readonly<Record<string, unknown>>[];
  keyOf(who: Who): string;
  send(
    who: Who | null,
    method: 'GET' | 'POST' | 'PUT' | 'DELETE',
    url: string,
    body?: unknown,
  ): Promise<ApiAnswer>;
  get(who: Who | null, url: string): Promise<ApiAnswer>;
  /** Moves the clock. */
  setNow(now: number): void;
  stop(): Promise<void>;
}

/** One card whose arithmetic is done in the head: an input token is a micro-dollar, an output token two. */
const ROUND_PRICES = JSON.stringify([
  { provider: 'openai', model: 'round', rates: { input_uncached: '1', output_text: '2' } },
  { provider: 'anthropic', model: 'round', rates: { input_uncached: '1', output_text: '2' } },
]);

export async function startApiServer(env: Record<string, string> = {}): Promise<ApiServer> {
  const { connectionString, drop } = await createTestDatabase();
  const dataDir = await mkdtemp(join(tmpdir(), 'farthing-api-'));
  const lines: string[] = [];
  const config = loadConfig(
    pickEnv({
      PORT: '0',
      DATABASE_URL: connectionString,
      FARTHING_DATA_DIR: dataDir,
      FARTHING_ADMIN_KEY: ADMIN_KEY,
      FARTHING_LOG_LEVEL: 'debug',
      FARTHING_JOBS: 'false',
      COST_PRICING_OVERRIDES: ROUND_PRICES,
      ...env,
    }),
  );
  let now = NOW;
  const log = createLog({ level: config.logLevel, stream: { write: (line) => lines.push(line) } });
  const server = await startServer(config, { log, now: () => now });
  const { tenants } = server.context;
  await tenants.createTenant({ id: 'acme', timeZone: 'Europe/Berlin' }, 'test');
  await tenants.createTenant({ id: 'globex', timeZone: 'Asia/Kathmandu' }, 'test');
  const make = async (tenantId: string, role: 'member' | 'viewer' | 'ingest' | 'tenant_admin') =>
    (await tenants.createKey({ name: role, role, tenantId }, 'test')).secret;
  const keys: { readonly [W in Who]: string } = {
    admin: ADMIN_KEY,
    acme: await make('acme', 'member'),
    globex: await make('globex', 'member'),
    'acme-viewer': await make('acme', 'viewer'),
    'acme-ingest': await make('acme', 'ingest'),
    'acme-tenant_admin': await make('acme', 'tenant_admin'),
  };
  const send: ApiServer['send'] = async (who, method, url, body) => {
    const answer = await server.app.inject({
      method,
      url,
      headers: {
        ...(who === null ? {} : { authorization: `Bearer ${keys[who]}` }),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { payload: JSON.stringify(body) }),
    });
    return { status: answer.statusCode, text: answer.body, body: JSON.parse(answer.body || '{}') };
  };
  return {
    server,
    connectionString,
    keyOf: (who) => keys[who],
    log: () => lines.map((line) => JSON.parse(line)),
    send,
    get: (who, url) => send(who, 'GET', url),
    setNow: (at) => {
      now = at;
    },
    async stop() {
      await server.stop();
      await drop();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}

/** One call of the ledger below. */
export interface LedgerCall {
  readonly id: string;
  readonly time: string;
  readonly input: number;
  readonly output: number;
  readonly provider?: string;
  readonly model?: string;
  readonly operation?: string;
  readonly status?: string;
  readonly agent?: string;
  readonly project?: string;
  readonly user?: string;
  readonly workflow?: string;
  readonly task?: string;
  readonly tags?: Readonly<Record<string, string>>;
}

/** Records calls over HTTP; each must be accepted. */
export async function record(api: ApiServer, who: Who, calls: readonly LedgerCall[]): Promise<void> {
  const events = calls.map(({ input, output, provider = 'openai', model = 'round', ...rest }) => ({
    provider,
    model,
    quantities: { input_uncached: input, output_text: output },
    ...rest,
  }));
  const { status, text, body } = await api.send(who, 'POST', '/api/usage/events', events);
  if (status !== 200 || body.data.accepted !== calls.length) throw new Error(`not all accepted: ${text}`);
}

/**
 * What acme has used. Amounts in USD: c1 0.0014, c2 0.0005, c3 unpriced, c4 30, c5 7.000003, c6 2, c7 1, c8 0.25.
 * In Berlin c1 to c4 are of today, c5 of yesterday (the last minute), c6 of this week's Monday, c7 of the first of the
 * month, c8 of the month before (its last minute).
 */
export const ACME_CALLS: readonly LedgerCall[] = [
  {
    id: 'c1',
    time: '2026-11-22T12:00:00Z',
    input: 1000,
    output: 200,
    agent: 'crawler',
    project: 'search',
    user: 'u-1',
    workflow: 'wf-1',
    task: 'extract',
    tags: { team: 'search' },
  },
  {
    id: 'c2',
    time: '2026-11-22T12:00:30.500Z',
    input: 300,
    output: 100,
    provider: 'anthropic',
    agent: 'writer',
    user: 'u-2',
    workflow: 'wf-1',
    task: 'summary',
    tags: { team: 'search', tier: 'gold' },
  },
  {
    id: 'c3',
    time: '2026-11-22T11:00:00Z',
    input: 10,
    output: 5,
    model: 'nobody-sells-this',
    agent: 'crawler',
    workflow: 'wf-1',
    status: 'error',
  },
  {
    id: 'c4',
    time: '2026-11-21T23:00:00Z',
    input: 10_000_000,
    output: 10_000_000,
    agent: 'crawler',
    project: 'search',
    user: 'u-1',
    tags: { team: 'ads' },
  },
  {
    id: 'c5',
    time: '2026-11-21T22:59:59Z',
    input: 1_000_003,
    output: 3_000_000,
    agent: 'writer',
    workflow: 'wf-2',
    task: 'summary',
  },
  {
    id: 'c6',
    time: '2026-11-16T09:00:00Z',
    input: 2_000_000,
    output: 0,
    operation: 'embedding',
    project: 'ads',
  },
  {
    id: 'c7',
    time: '2026-10-31T23:00:00Z',
    input: 1_000_000,
    output: 0,
    agent: 'crawler',
    workflow: 'wf-2',
    user: 'u-1',
  },
  { id: 'c8', time: '2026-10-31T22:59:00Z', input: 250_000, output: 0, agent: 'crawler', workflow: 'wf-2' },
];

/** What globex has used: 90 USD, under some of the names that acme uses too. */
export const GLOBEX_CALLS: readonly LedgerCall[] = [
  {
    id: 'c1',
    time: '2026-11-22T12:30:00Z',
    input: 50_000_000,
    output: 20_000_000,
    agent: 'crawler',
    project: 'search',
    user: 'u-1',
    workflow: 'wf-g',
    task: 'extract',
    tags: { team: 'search' },
  },
];

/** Both ledgers, recorded. */
export async function recordLedgers(api: ApiServer): Promise<void> {
  await record(api, 'acme', ACME_CALLS);
  await record(api, 'globex', GLOBEX_CALLS);
}

/** The digits behind `"name":` in an answer, where nothing was rounded yet; the first after `from`. */
export function digits(text: string, name: string, from = ''): string | undefined {
  const start = from === '' ? 0 : text.indexOf(from);
  if (start < 0) throw new Error(`the answer has no ${from}`);
  return new RegExp(`"${name}":(-?[0-9.eE+-]+|null)`).exec(text.slice(start))?.[1];
}
