/** A server to send to, for commands that go through the API: one elsewhere, the running one, or one for the duration. */
import { createTenantStore, type Database, loadConfig, readEnv, startServer } from '@farthing/server';
import type { Target } from './import/send-batch.ts';
import { CliError } from './output.ts';
import { findServer } from './server-file.ts';
import { withDatabase } from './store-access.ts';

const KEY_LIFETIME_MS = 24 * 3_600_000;

/**
 * Calls `work` with a server and a key for it. On this machine the key is made for the run and revoked after it:
 * who may open the database needs no other right.
 */
export async function withServer<Result>(
  remote: { readonly url: string | null; readonly apiKey: string | null },
  work: (target: Target) => Promise<Result>,
): Promise<Result> {
  if (remote.url !== null) {
    if (remote.apiKey === null)
      throw new CliError(`Set FARTHING_API_KEY to a key of the server at ${remote.url}.`);
    return work({ url: remote.url, key: remote.apiKey, ledger: remote.url });
  }
  const config = loadConfig(readEnv());
  const ledger = config.database.url ?? config.dataDir;
  const running = await findServer(config.dataDir);
  if (running !== null) {
    return withDatabase((database) => withKey(database, (key) => work({ url: running.url, key, ledger })));
  }
  const http = { ...config.http, port: 0, host: '127.0.0.1' };
  const server = await startServer({ ...config, http, logLevel: 'silent', jobs: { enabled: false } });
  try {
    return await withKey(server.context.db, (key) => work({ url: server.url, key, ledger }));
  } finally {
    await server.stop();
  }
}

async function withKey<Result>(database: Database, work: (key: string) => Promise<Result>): Promise<Result> {
  const tenants = createTenantStore(database);
  const expiresAt = new Date(Date.now() + KEY_LIFETIME_MS);
  const { key, secret } = await tenants.createKey(
    { name: 'farthing import', role: 'admin', expiresAt },
    'cli',
  );
  try {
    return await work(secret);
  } finally {
    await tenants.revokeKey(key.id, 'cli');
  }
}
