/** A whole server on a database of its own, for tests that go through HTTP. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadConfig } from '../../packages/server/src/config.ts';
import { pickEnv } from '../../packages/server/src/env.ts';
import { createLog } from '../../packages/server/src/log.ts';
import { type RunningServer, startServer } from '../../packages/server/src/main.ts';
import type { Files } from '../../packages/server/src/record/spool/files.ts';
import { createTestDatabase } from '../postgres/test-database.ts';

export const ADMIN_KEY = 'an admin key of the tests, long enough';

export interface TestServer {
  readonly server: RunningServer;
  readonly adminKey: string;
  /** A key of tenant `acme`. */
  readonly acmeKey: string;
  /** A key of tenant `globex`. */
  readonly globexKey: string;
  /** Every log line written so far, down to debug. */
  readonly lines: string[];
  /** Sends JSON (or text and bytes as they are) with a key. */
  send(
    method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE',
    url: string,
    options?: {
      readonly key?: string | null;
      readonly body?: unknown;
      readonly headers?: Record<string, string>;
    },
  ): Promise<{ readonly status: number; readonly body: Answer; readonly headers: Record<string, unknown> }>;
  stop(): Promise<void>;
}

/** What every answer of the API looks like. */
export interface Answer {
  readonly success: boolean;
  // biome-ignore lint/suspicious/noExplicitAny: tests look into answers of every route
  readonly data?: any;
  readonly error?: {
    readonly code: string;
    readonly message: string;
    readonly request_id: string;
    readonly details?: unknown;
  };
}

/**
 * Starts a server with the tenants `acme` and `globex`; `env` overrides settings, `now` its clock (Unix milliseconds),
 * `files` the disk under spool and journal.
 */
export async function startTestServer(
  env: Record<string, string> = {},
  now: () => number = Date.now,
  files?: Files,
): Promise<TestServer> {
  const { connectionString, drop } = await createTestDatabase();
  const dataDir = await mkdtemp(join(tmpdir(), 'farthing-test-'));
  const lines: string[] = [];
  const config = loadConfig(
    pickEnv({
      PORT: '0',
      DATABASE_URL: connectionString,
      FARTHING_DATA_DIR: dataDir,
      FARTHING_ADMIN_KEY: ADMIN_KEY,
      FARTHING_LOG_LEVEL: 'debug',
      FARTHING_JOBS: 'false',
      ...env,
    }),
  );
  const log = createLog({
    level: config.logLevel,
    secrets: [ADMIN_KEY],
    stream: { write: (line) => lines.push(line) },
  });
  const server = await startServer(config, { log, now, ...(files === undefined ? {} : { files }) });
  const keyOf = async (id: string) => {
    await server.context.tenants.createTenant({ id }, 'test');
    return (await server.context.tenants.createKey({ name: id, role: 'member', tenantId: id }, 'test'))
      .secret;
  };
  const acmeKey = await keyOf('acme');
  const globexKey = await keyOf('globex');
  return {
    server,
    adminKey: ADMIN_KEY,
    acmeKey,
    globexKey,
    lines,
    async send(method, url, { key = ADMIN_KEY, body, headers = {} } = {}) {
      const raw = typeof body === 'string' || Buffer.isBuffer(body);
      const response = await server.app.inject({
        method,
        url,
        headers: {
          ...(key === null ? {} : { authorization: `Bearer ${key}` }),
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
          ...headers,
        },
        ...(body === undefined ? {} : { payload: raw ? body : JSON.stringify(body) }),
      });
      const text = response.body;
      const isText = /^text\//.test(String(response.headers['content-type'] ?? ''));
      return {
        status: response.statusCode,
        body: JSON.parse(isText ? '{}' : text || '{}') as Answer,
        headers: response.headers,
      };
    },
    async stop() {
      await server.stop();
      await drop();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}
