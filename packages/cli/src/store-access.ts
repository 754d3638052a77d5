/** Direct access to the database for commands that administer it. */
import { createDatabase, type Database, type Log, loadConfig, openStore, readEnv } from '@farthing/server';

export interface StoreAccess {
  readonly connectionString: string;
  readonly log: Log;
}

/**
 * The database of DATABASE_URL; else the embedded one: joined where it runs, started for the duration where it does not.
 */
export async function withStore<Result>(work: (store: StoreAccess) => Promise<Result>): Promise<Result> {
  const config = loadConfig(readEnv());
  const store = await openStore(config, quietLog);
  try {
    return await work({ connectionString: store.connectionString, log: quietLog });
  } finally {
    await store.close();
  }
}

/** The same with pools and roles; the schema must be there already. */
export function withDatabase<Result>(work: (database: Database) => Promise<Result>): Promise<Result> {
  return withStore(async ({ connectionString, log }) => {
    const database = createDatabase({ connectionString, log, max: 2 });
    try {
      return await work(database);
    } finally {
      await database.close();
    }
  });
}

/** Commands speak through their result; what goes wrong is thrown. */
export const quietLog: Log = { info: () => {}, warn: () => {}, error: () => {} };
