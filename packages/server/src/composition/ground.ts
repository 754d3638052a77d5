/** The ground: settings, clock, log and the database, migrated before anything is asked of it. */
import type { Config } from '../config.ts';
import { createDatabase, type Database } from '../db/database.ts';
import { takeDataDirLock } from '../db/embedded/lock.ts';
import { openEmbedded } from '../db/embedded/open.ts';
import { migrate } from '../db/schema/migrate.ts';
import type { ServerLog } from '../log.ts';
import type { Files } from '../record/spool/files.ts';
import { type Vitals, watchVitals } from '../vitals.ts';
import type { Opening } from './opening.ts';

/** Inputs of a server from outside. */
export interface Surroundings {
  readonly config: Config;
  readonly log: ServerLog;
  /** Unix milliseconds. */
  readonly now: () => number;
  /** The disk under spool and journal; this machine's where absent. */
  readonly files?: Files;
}

export interface GroundParts {
  readonly config: Config;
  readonly log: ServerLog;
  /** Unix milliseconds. */
  readonly now: () => number;
  readonly db: Database;
  /** How long the event loop was blocked, and the memory used. */
  readonly vitals: Vitals;
  /** True once a stop began: `/readyz` says so and new work is refused. */
  isDraining(): boolean;
}

/** The ground, and the address of its database for parts that keep a separate connection. */
export interface Ground extends GroundParts {
  readonly connectionString: string;
}

/** Opens the database, or starts the embedded one, and brings its tables up to date. */
export async function openGround(opening: Opening, { config, log, now }: Surroundings): Promise<Ground> {
  const vitals = await opening.part('vitals', watchVitals, (part) => part.close());
  const connectionString = await openPostgres(opening, config, log);
  await migrate({ connectionString, log });
  const db = await opening.part(
    'database connections',
    () => createDatabase({ connectionString, max: config.database.connections, log }),
    (part) => part.close(),
  );
  return { config, log, now, db, vitals, connectionString, isDraining: () => opening.closing };
}

async function openPostgres(opening: Opening, config: Config, log: ServerLog): Promise<string> {
  const { dataDir, database } = config;
  if (database.url !== null) {
    // The folder holds the spool and the journal: two servers in it would take each other's events.
    await opening.part(
      'lock of the data folder',
      () => takeDataDirLock(dataDir),
      (lock) => lock.release(),
    );
    return database.url;
  }
  const embedded = await opening.part(
    'embedded PostgreSQL',
    () => openEmbedded({ dataDir, log }),
    (part) => part.stop(),
  );
  return embedded.connectionString;
}
