/** Direct access to the database for commands that administer it. */
import {
  type Config,
  createDatabase,
  type Database,
  embeddedConnectionString,
  type Log,
  loadConfig,
  migrate,
  openEmbedded,
  readEnv,
} from '@farthing/server';

/** An open way to the database. */
export interface Store {
  readonly connectionString: string;
  close(): Promise<void>;
}

/** No log: commands print their result, and errors are thrown. */
export const quietLog: Log = { info: () => {}, warn: () => {}, error: () => {} };

/**
 * The database of DATABASE_URL; else the embedded one: joined where a server runs it, started for the duration where none
 * does.
 */
export async function openStore(config: Config): Promise<Store> {
  const given = config.database.url ?? (await runningEmbedded(config.dataDir));
  if (given !== null) return { connectionString: given, close: async () => {} };
  const embedded = await openEmbedded({ dataDir: config.dataDir, log: quietLog });
  return { connectionString: embedded.connectionString, close: () => embedded.stop() };
}

/** The connection string of an embedded database that answers; null when none does. */
async function runningEmbedded(dataDir: string): Promise<string | null> {
  const connectionString = await embeddedConnectionString(dataDir);
  if (connectionString === null) return null;
  const database = createDatabase({ connectionString, log: quietLog, max: 2, connectTimeoutMs: 2_000 });
  try {
    return (await database.health()).ok ? connectionString : null;
  } finally {
    await database.close();
  }
}

/** Calls `work` with the configured database and closes it again. */
export async function withStore<Result>(work: (store: Store) => Promise<Result>): Promise<Result> {
  const store = await openStore(loadConfig(readEnv()));
  try {
    return await work(store);
  } finally {
    await store.close();
  }
}

/** The same with pools and roles, on the newest schema: a key can be made before the first start. */
export function withDatabase<Result>(
  work: (database: Database, connectionString: string) => Promise<Result>,
): Promise<Result> {
  return withStore(async ({ connectionString }) => {
    await migrate({ connectionString });
    const database = createDatabase({ connectionString, log: quietLog, max: 2 });
    try {
      return await work(database, connectionString);
    } finally {
      await database.close();
    }
  });
}
