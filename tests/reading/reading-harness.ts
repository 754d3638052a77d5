/** The reading routes and the tRPC router on a real database, with two tenants and keys that are their names. */
// biome-ignore-all lint/suspicious/noExplicitAny: answers are parsed JSON whose shape is what the tests assert.
import type { FastifyInstance } from 'fastify';
import pino from 'pino';
import { registerApi } from '../../packages/server/src/api/register.ts';
import type { AppContext } from '../../packages/server/src/context.ts';
import { createHttpServer } from '../../packages/server/src/http/server.ts';
import { type Identity, makeIdentity } from '../../packages/server/src/tenants/identity.ts';
import { createUserStore } from '../../packages/server/src/tenants/users/user-store.ts';
import { registerTrpc } from '../../packages/server/src/trpc/register.ts';
import { seedTenant } from '../postgres/seed-events.ts';
import { createTestDatabase, type TestDatabase } from '../postgres/test-database.ts';

export interface ReadingServer extends TestDatabase {
  readonly app: FastifyInstance;
  /** GETs as `admin`, a tenant's name, or without a key; returns status and parsed body. */
  get(
    who: string | null,
    url: string,
  ): Promise<{ readonly status: number; readonly body: any; readonly text: string }>;
  /** Calls a tRPC query. */
  call(
    who: string | null,
    procedure: string,
    input?: unknown,
  ): Promise<{ readonly status: number; readonly body: any }>;
}

/** Starts it at a fixed time; `now` is Unix milliseconds. */
export async function startReading(now: number): Promise<ReadingServer> {
  const test = await createTestDatabase();
  await seedTenant(test.database, 'acme', 'Europe/Berlin');
  await seedTenant(test.database, 'globex', 'Asia/Kathmandu');
  const log = pino({ level: 'silent' });
  const app = createHttpServer({
    log,
    identify: async ({ headers }) => identityOf(headers.authorization?.replace('Bearer ', '')),
    requestTimeoutMs: 30_000,
    maxConnections: 100,
    isDraining: () => false,
  });
  // Only what the reading routes touch.
  const context = {
    db: test.database,
    now: () => now,
    config: { http: { bodyLimitBytes: 1_000_000, inflatedLimitBytes: 1_000_000 } },
  } as unknown as AppContext;
  await registerApi(app, context);
  registerTrpc(app, {
    db: test.database,
    now: () => now,
    users: createUserStore(test.database),
    notice: null,
  });
  await app.ready();
  const get: ReadingServer['get'] = async (who, url) => {
    const headers = who === null ? {} : { authorization: `Bearer ${who}` };
    const answer = await app.inject({ method: 'GET', url, headers });
    return { status: answer.statusCode, body: JSON.parse(answer.body), text: answer.body };
  };
  return {
    ...test,
    app,
    get,
    async call(who, procedure, input) {
      const query = input === undefined ? '' : `?input=${encodeURIComponent(JSON.stringify(input))}`;
      return get(who, `/trpc/${procedure}${query}`);
    },
    async drop() {
      await app.close();
      await test.drop();
    },
  };
}

function identityOf(who: string | undefined): Identity | null {
  if (who === undefined) return null;
  const admin = who === 'admin';
  return makeIdentity({ keyId: who, role: admin ? 'admin' : 'member', tenantId: admin ? null : who });
}
