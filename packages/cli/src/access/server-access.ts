/** A server to send to, for commands that go through the API: one elsewhere, the running one, or one for the duration. */
import {
  type Database,
  HELPER_KEY_MS,
  loadConfig,
  makeHelperKey,
  readEnv,
  startServer,
} from '@farthing/server';
import { cliActor } from '../console/actor.ts';
import { CliError } from '../console/output.ts';
import { findServer } from './server-file.ts';
import { withDatabase } from './store-access.ts';

/** Where to send to, and with which key. */
export interface ServerTarget {
  readonly url: string;
  readonly key: string;
  /** Names the ledger behind it, so that progress into one is not taken for progress into another. */
  readonly ledger: string;
}

/**
 * Calls `work` with a server and a key for it. On this machine the key is made for the run. It is not listed and ends with
 * the run. It needs no further permission, because the command can open the database.
 */
export async function withServer<Result>(
  remote: { readonly url: string | null; readonly apiKey: string | null },
  work: (target: ServerTarget) => Promise<Result>,
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

/** A key for the run; it ends with the run, or soon after if the run is killed. */
async function withKey<Result>(database: Database, work: (key: string) => Promise<Result>): Promise<Result> {
  const key = await makeHelperKey(database, cliActor(), Date.now);
  // If it fails, the next renewal tries again.
  const renewal = setInterval(() => void key.renew().catch(() => undefined), HELPER_KEY_MS / 5);
  try {
    return await work(key.secret);
  } finally {
    clearInterval(renewal);
    // If the database has gone away meanwhile, the key expires.
    await key.end().catch(() => undefined);
  }
}
